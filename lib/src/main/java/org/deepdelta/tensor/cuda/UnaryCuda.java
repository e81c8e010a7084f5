package org.deepdelta.tensor.cuda;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;

/**
 * y = f(x), element by element, in whatever order.
 *
 * @param op which function, as in primitives.cu
 * @param p factor or exponent
 * @param q offset
 */
record UnaryCuda(int op, float p, float q) implements Kernel {
    static final int SIGMOID = 0;
    static final int TANH = 1;
    static final int RELU = 2;
    static final int EXP = 3;
    static final int AFFINE = 4;
    static final int POWER = 5;

    @Override
    public boolean takes(Tensor... in) {
        return PrimitiveKernels.single(in);
    }

    @Override
    public void forward(Call c) {
        Tensor x = c.in(0);
        Grid grid = Grid.cover(x.size(), PrimitiveKernels.THREADS);
        PrimitiveKernels.CU.launch(c, x.type(), "unary_forward", grid, x, c.out(0), x.size(), op, p, q);
    }

    @Override
    public void backward(Call c) {
        Tensor x = c.in(0);
        Grid grid = Grid.cover(x.size(), PrimitiveKernels.THREADS);
        Tensor dx = c.gradient(0);
        PrimitiveKernels.CU.launch(c, x.type(), "unary_backward", grid, x, c.upstream(0), dx, x.size(), op, p);
    }
}
