package org.deepdelta.ops.crossentropy;

import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** loss = sum over rows of w (log(sum(exp z)) - z[target]) with w = 1 / count, or 0 where ignored; dz = w (softmax(z) - onehot). */
record CrossEntropyReference(double count) implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray z = rows(in[0]);
        INDArray shifted = z.sub(z.max(true, 1));
        INDArray logSum = Transforms.log(Transforms.exp(shifted, true).sum(true, 1), false);
        INDArray loss = oneHot(in[1], z).mul(shifted.rsub(0).add(logSum)).sum().div(count);
        return new INDArray[] {loss};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        INDArray z = rows(in[0]);
        INDArray e = Transforms.exp(z.sub(z.max(true, 1)), false);
        INDArray hot = oneHot(in[1], z);
        INDArray scored = hot.sum(true, 1);
        INDArray dz = e.div(e.sum(true, 1)).mul(scored).sub(hot).mul(upstream[0].getDouble(0) / count);
        return new INDArray[] {dz.reshape(in[0].shape()), null};
    }

    private static INDArray rows(INDArray x) {
        return x.dup('c').reshape(-1, x.size(x.rank() - 1));
    }

    /** [N, V]: 1 at the target, a zero row where the target is ignored. */
    private static INDArray oneHot(INDArray targets, INDArray z) {
        int[] ids = targets.dup('c').data().asInt();
        INDArray hot = Nd4j.zeros(z.dataType(), z.shape());
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] != CrossEntropy.IGNORE) {
                if (ids[i] < 0 || ids[i] >= z.size(1)) {
                    throw CrossEntropy.outside(i, ids[i], z.size(1));
                }
                hot.putScalar(i, ids[i], 1);
            }
        }
        return hot;
    }
}
