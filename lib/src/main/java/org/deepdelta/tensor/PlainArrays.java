package org.deepdelta.tensor;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** What the primitives' references have in common: broadcasting and products over the last two axes, in plain ND4J. */
final class PlainArrays {
    private PlainArrays() {}

    /** x with leading axes of size 1 up to other's rank. */
    static INDArray aligned(INDArray x, INDArray other) {
        if (x.rank() >= other.rank()) {
            return x;
        }
        long[] sizes = new long[other.rank()];
        Arrays.fill(sizes, 1);
        System.arraycopy(x.shape(), 0, sizes, other.rank() - x.rank(), x.rank());
        return x.reshape(sizes);
    }

    /** The gradient of a broadcast: the sum over the axes that were repeated. */
    static INDArray narrow(INDArray wide, long[] shape) {
        int extra = wide.rank() - shape.length;
        int[] axes = IntStream.range(0, wide.rank())
                .filter(i -> i < extra || (shape[i - extra] == 1 && wide.size(i) != 1))
                .toArray();
        return (axes.length == 0 ? wide : wide.sum(true, axes)).reshape(shape);
    }

    static INDArray softmax(INDArray x) {
        int last = x.rank() - 1;
        INDArray e = Transforms.exp(x.sub(x.max(true, last)), false);
        return e.div(e.sum(true, last));
    }

    static INDArray matmul(INDArray a, INDArray b) {
        long[] shape = a.shape().clone();
        shape[shape.length - 1] = b.size(b.rank() - 1);
        if (b.rank() == 2) {
            return rows(a).mmul(b).reshape(shape);
        }
        long n = a.size(a.rank() - 2);
        long m = a.size(a.rank() - 1);
        long p = b.size(b.rank() - 1);
        INDArray a3 = a.dup('c').reshape(-1, n, m);
        INDArray b3 = b.dup('c').reshape(-1, m, p);
        INDArray out = Nd4j.create(a.dataType(), a3.size(0), n, p);
        for (long i = 0; i < a3.size(0); i++) {
            out.slice(i).assign(a3.slice(i).mmul(b3.slice(i)));
        }
        return out.reshape(shape);
    }

    static INDArray lastTwoSwapped(INDArray x) {
        int[] order = IntStream.range(0, x.rank()).toArray();
        order[x.rank() - 1] = x.rank() - 2;
        order[x.rank() - 2] = x.rank() - 1;
        return x.permute(order);
    }

    /** x as a matrix of its last-axis rows. */
    static INDArray rows(INDArray x) {
        return x.rank() == 2 ? x : x.dup('c').reshape(-1, x.size(x.rank() - 1));
    }
}
