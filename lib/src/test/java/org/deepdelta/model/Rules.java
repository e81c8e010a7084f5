package org.deepdelta.model;

/** Every residual rule and every switch of it, by the line that makes it. */
public final class Rules {

    /** To be extended with every new rule. */
    public static final String[] ALL = {
        "additive",
        "ddl_scalar",
        "ddl_scalar:preset=paper,hidden=3",
        "ddl_scalar:gates=separate",
        "ddl_scalar:gates=write_only",
        "ddl_scalar:direction=raw,beta=0.5",
        "ddl_tc:dv=2,kernel=3",
        "ddl_tc_ec:dv=3",
        "ddl_tc_ec:dv=4,gates=separate,kernel=2,embedding_kernel=2",
        "ddl_cc:dv=4",
        "ddl_cc:preset=paper,dv=2",
        "ddl_cc_ec",
        "ddl_cc_ec:preset=accelerated,channels=causal,eps=0.05",
        "ddl_cc_ec:gates=write_only",
        "ddl_cc:direction=raw,gates=separate,range=1,compressor=mean",
        "ddl_tc_ec:dv=3,range=1,compressor=mean",
        "ddl_cc_ec:constant=2,start=0.3",
        "ddl_cc_ec:dv=8,gates=separate,hidden=3",
        "hc",
        "hc_static:streams=3",
        "mhc",
        "mhc_flat:streams=3,rounds=3,logits=6,read=0,write=0.5,scale=0.1",
    };

    private Rules() {}
}
