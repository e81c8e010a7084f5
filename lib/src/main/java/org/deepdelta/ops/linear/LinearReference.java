package org.deepdelta.ops.linear;

import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;

/** y = x W' + b and dx = U W, dW = U' x, db = sum of U over rows. */
final class LinearReference implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray y = rows(in[0]).mmul(in[1].transpose());
        if (in.length > 2) {
            y.addiRowVector(in[2]);
        }
        long[] shape = in[0].shape().clone();
        shape[shape.length - 1] = in[1].size(0);
        return new INDArray[] {y.reshape(shape)};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        INDArray u = rows(upstream[0]);
        INDArray dx = u.mmul(in[1]).reshape(in[0].shape());
        INDArray dw = u.transpose().mmul(rows(in[0]));
        return in.length > 2 ? new INDArray[] {dx, dw, u.sum(0)} : new INDArray[] {dx, dw};
    }

    private static INDArray rows(INDArray x) {
        return x.dup('c').reshape(-1, x.size(x.rank() - 1));
    }
}
