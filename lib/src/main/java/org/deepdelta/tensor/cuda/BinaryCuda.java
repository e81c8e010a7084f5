package org.deepdelta.tensor.cuda;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tensor;

/**
 * y = a + b, a - b or a b with broadcasting; the gradient of an operand that was repeated is a sum.
 *
 * @param op which one, as in primitives.cu
 */
record BinaryCuda(int op) implements Kernel {
    static final int ADD = 0;
    static final int SUBTRACT = 1;
    static final int MULTIPLY = 2;

    @Override
    public boolean takes(Tensor... in) {
        return PrimitiveKernels.single(in);
    }

    @Override
    public void forward(Call c) {
        Tensor y = c.out(0);
        Shape shape = y.shape();
        Axes axes = Axes.of(shape, Axes.broadcast(c.in(0), shape), Axes.broadcast(c.in(1), shape))
                .stored(y.spec());
        Grid grid = Grid.cover(y.size(), PrimitiveKernels.THREADS);
        PrimitiveKernels.CU.launch(
                c, y.type(), "binary_forward", grid, c.in(0), c.in(1), y, axes.argument(), y.size(), op);
    }

    @Override
    public void backward(Call c) {
        for (int i = 0; i < 2; i++) {
            if (c.wants(i)) {
                differentiate(c, i);
            }
        }
    }

    private void differentiate(Call c, int i) {
        Shape shape = c.out(0).shape();
        Tensor u = c.upstream(0);
        Tensor other = op == MULTIPLY ? c.in(1 - i) : null;
        double factor = op == SUBTRACT && i == 1 ? -1 : 1;
        long[] along = Axes.strides(u);
        long[] across = Axes.broadcast(c.in(1 - i), shape);
        if (c.in(i).size() == shape.size()) {
            Tensor dx = c.gradient(i);
            Axes axes = Axes.of(shape, along, across).stored(dx.spec());
            Grid grid = Grid.cover(dx.size(), PrimitiveKernels.THREADS);
            PrimitiveKernels.CU.launch(
                    c, u.type(), "binary_backward", grid, u, other, dx, axes.argument(), dx.size(), (float) factor);
        } else {
            DType type = c.gradientType(i);
            Tensor dx = c.gradient(i, type);
            Reduction.sum(
                    c, shape, u, along, other, across, factor, kept(c.in(i).shape(), shape), dx);
        }
    }

    /** Which axes of the result the operand has for itself. */
    private static boolean[] kept(Shape operand, Shape shape) {
        boolean[] kept = new boolean[shape.rank()];
        int lead = kept.length - operand.rank();
        for (int k = lead; k < kept.length; k++) {
            kept[k] = operand.axis(k - lead) != 1 || shape.axis(k) == 1;
        }
        return kept;
    }
}
