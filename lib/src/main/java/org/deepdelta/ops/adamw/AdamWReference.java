package org.deepdelta.ops.adamw;

import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The update, a line each. */
record AdamWReference(AdamW op) implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray p = in[0];
        INDArray g = in[1].mul(op.scale());
        INDArray m = in[2].mul(op.beta1()).add(g.mul(1 - op.beta1()));
        INDArray v = in[3].mul(op.beta2()).add(g.mul(g).mul(1 - op.beta2()));
        INDArray root = Transforms.sqrt(v.div(op.correction2()), true).add(op.eps());
        INDArray updated = p.mul(1 - op.rate() * op.decay())
                .sub(m.div(op.correction1()).div(root).mul(op.rate()));
        return in.length == 4 ? new INDArray[] {updated, m, v} : new INDArray[] {updated, m, v, updated};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        throw new UnsupportedOperationException("an optimiser step is not differentiated");
    }
}
