package org.deepdelta.ops.rmsnorm;

import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** y = w z with z = r x and r = 1 / sqrt(mean(x^2) + eps). */
record RmsNormReference(double eps) implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray x = in[0];
        INDArray w = row(in[1], x);
        return new INDArray[] {x.mul(inverseRms(x)).mul(w)};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        INDArray x = in[0];
        INDArray w = row(in[1], x);
        INDArray r = inverseRms(x);
        INDArray z = x.mul(r);
        INDArray g = upstream[0].mul(w);
        INDArray dx = g.sub(z.mul(g.mul(z).mean(true, last(x)))).mul(r);
        INDArray dw = upstream[0].mul(z).reshape(-1, x.size(last(x))).sum(0);
        return new INDArray[] {dx, dw};
    }

    private INDArray inverseRms(INDArray x) {
        return Transforms.sqrt(x.mul(x).mean(true, last(x)).add(eps), false).rdiv(1);
    }

    private static INDArray row(INDArray w, INDArray x) {
        long[] shape = new long[x.rank()];
        java.util.Arrays.fill(shape, 1);
        shape[last(x)] = w.length();
        return w.reshape(shape);
    }

    private static int last(INDArray x) {
        return x.rank() - 1;
    }
}
