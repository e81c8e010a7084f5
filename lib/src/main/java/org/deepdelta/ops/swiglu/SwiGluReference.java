package org.deepdelta.ops.swiglu;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.Arrays;
import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** y = a s b with s = sigmoid(a); da = u b (s + a s (1 - s)), db = u a s. */
final class SwiGluReference implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray ab = rows(in[0]);
        INDArray a = half(ab, 0);
        long[] shape = in[0].shape().clone();
        shape[shape.length - 1] /= 2;
        return new INDArray[] {
            a.mul(Transforms.sigmoid(a, true)).mul(half(ab, 1)).dup('c').reshape(shape)
        };
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        INDArray ab = rows(in[0]);
        INDArray a = half(ab, 0);
        INDArray b = half(ab, 1);
        INDArray u = rows(upstream[0]);
        INDArray s = Transforms.sigmoid(a, true);
        INDArray as = a.mul(s);
        INDArray da = u.mul(b).mul(s.add(as.mul(s.rsub(1))));
        INDArray db = u.mul(as);
        return new INDArray[] {Nd4j.concat(1, da, db).reshape(Arrays.copyOf(in[0].shape(), in[0].rank()))};
    }

    private static INDArray rows(INDArray x) {
        return x.dup('c').reshape(-1, x.size(x.rank() - 1));
    }

    private static INDArray half(INDArray ab, int which) {
        long m = ab.size(1) / 2;
        return ab.get(all(), interval(which * m, (which + 1) * m)).dup('c');
    }
}
