package org.deepdelta.ops.swiglu;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Width;

/** Every element read and written once. */
final class SwiGluCuda implements Kernel {
    private static final CudaSource CU = CudaSource.beside(SwiGluCuda.class, "swiglu.cu");
    private static final int MOST_THREADS = 256;

    @Override
    public void forward(Call c) {
        launch(c, "swiglu_forward", c.in(0), c.out(0));
    }

    @Override
    public void backward(Call c) {
        launch(c, "swiglu_backward", c.in(0), c.upstream(0), c.gradient(0));
    }

    private static void launch(Call c, String kernel, Tensor... tensors) {
        int m = (int) c.out(0).shape().axis(-1);
        int v = Width.pack(m, tensors);
        int threads = Math.min(MOST_THREADS, Width.threads(m / v));
        Grid grid = Grid.of(c.out(0).shape().rows(), (m / v + threads - 1) / threads, 1, threads);
        Object[] arguments = new Object[tensors.length + 1];
        System.arraycopy(tensors, 0, arguments, 0, tensors.length);
        arguments[tensors.length] = m;
        Width.packed(CU, v).launch(c, c.in(0).type(), kernel, grid, arguments);
    }
}
