package org.deepdelta.ops.gradientsum;

import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** ((g0 + g1) + g2) + ..., and the sum of its squares. */
final class GradientSumReference implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray sum = in[0].dup();
        for (int i = 1; i < in.length; i++) {
            sum.addi(in[i]);
        }
        INDArray wide = sum.castTo(DataType.DOUBLE);
        return new INDArray[] {sum, wide.mul(wide).sum()};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        throw new UnsupportedOperationException("a sum of gradients is not differentiated");
    }
}
