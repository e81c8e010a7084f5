package org.deepdelta.ops.sinkhorn;

import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The rounds one by one; in the arrays below, normalisation k is along columns for even k, along rows for odd k. */
record SinkhornReference(int rounds) implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray m = exponential(in[0]);
        for (int k = 0; k < 2 * rounds; k++) {
            m = m.div(m.sum(true, axis(m, k)));
        }
        return new INDArray[] {m};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        INDArray start = exponential(in[0]);
        INDArray[] y = new INDArray[2 * rounds];
        INDArray[] s = new INDArray[2 * rounds];
        for (int k = 0; k < y.length; k++) {
            INDArray x = k == 0 ? start : y[k - 1];
            s[k] = x.sum(true, axis(x, k));
            y[k] = x.div(s[k]);
        }
        INDArray g = upstream[0];
        for (int k = y.length - 1; k >= 0; k--) {
            g = g.sub(g.mul(y[k]).sum(true, axis(g, k))).div(s[k]);
        }
        return new INDArray[] {g.mul(start)};
    }

    private static INDArray exponential(INDArray logits) {
        return Transforms.exp(logits.sub(logits.max(true, axis(logits, 0))), false);
    }

    private static int axis(INDArray m, int k) {
        return m.rank() - (k % 2 == 0 ? 2 : 1);
    }
}
