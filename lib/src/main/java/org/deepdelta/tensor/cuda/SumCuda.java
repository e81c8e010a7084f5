package org.deepdelta.tensor.cuda;

import java.util.Arrays;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tensor;

/**
 * Sum over one axis, which stays with size 1, or over all.
 *
 * @param axis null for all
 */
record SumCuda(Integer axis) implements Kernel {

    @Override
    public boolean takes(Tensor... in) {
        return PrimitiveKernels.single(in);
    }

    @Override
    public void forward(Call c) {
        Tensor x = c.in(0);
        long[] strides = Axes.strides(x);
        boolean[] kept = new boolean[x.shape().rank()];
        if (axis != null) {
            Arrays.fill(kept, true);
            kept[axis < 0 ? kept.length + axis : axis] = false;
        }
        Reduction.sum(c, x.shape(), x, strides, null, new long[strides.length], 1, kept, c.out(0));
    }

    @Override
    public void backward(Call c) {
        Tensor dx = c.gradient(0);
        Shape shape = dx.shape();
        Tensor u = c.upstream(0);
        MoveCuda.move(c, shape, u, 0, Axes.broadcast(u, shape), dx, 0, Axes.strides(dx));
    }
}
