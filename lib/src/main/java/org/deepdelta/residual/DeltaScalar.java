package org.deepdelta.residual;

import java.util.Map;
import org.deepdelta.nn.Parameters;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** DDL with one value channel (dv = 1, Sec. 3.1): the state is a vector of width d, read as it is and rewritten along one direction. */
public final class DeltaScalar implements ResidualStream {

    /** Found by name; option {@code preset}: {@code reference} (if not given) or {@code paper}. */
    public static final class Named implements Provider {

        /** For ServiceLoader. */
        public Named() {}

        @Override
        public String name() {
            return "ddl_scalar";
        }

        @Override
        public ResidualStream create(Map<String, String> options) {
            return new DeltaScalar(DeltaConfig.named(name(), options));
        }
    }

    private final DeltaConfig config;
    private DeltaBranches[] branches;

    /** The rule with these branches. */
    public DeltaScalar(DeltaConfig config) {
        this.config = config;
    }

    @Override
    public String name() {
        return "ddl_scalar";
    }

    @Override
    public String describe() {
        return name() + " " + config;
    }

    @Override
    public void declare(Parameters p, Dimensions dimensions) {
        branches = new DeltaBranches[dimensions.readout()];
        for (int s = 0; s < branches.length; s++) {
            String prefix = dimensions.block(s) + (s % 2 == 0 ? "ddl_attn." : "ddl_mlp.");
            branches[s] = new DeltaBranches(p, prefix, config, dimensions.width(), 1, dimensions.std());
        }
    }

    @Override
    public Tensor expand(Tape t, Tensor embedding) {
        return embedding;
    }

    @Override
    public Tensor compress(Tape t, int s, Tensor state) {
        return state;
    }

    @Override
    public Tensor rewrite(Tape t, int s, Read r, Tensor h) {
        return branches[s].rewrite(t, s, r, h);
    }
}
