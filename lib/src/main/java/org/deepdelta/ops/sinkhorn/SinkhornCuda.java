package org.deepdelta.ops.sinkhorn;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;

/** A thread a matrix, the matrix in registers. The backward pass computes the rounds again and keeps their factors, n a normalisation. */
record SinkhornCuda(int rounds) implements Kernel {
    private static final CudaSource CU = CudaSource.beside(SinkhornCuda.class, "sinkhorn.cu");
    private static final int THREADS = 64;

    @Override
    public void forward(Call c) {
        long count = count(c);
        source(c).launch(c, c.out(0).type(), "sinkhorn_forward", Grid.cover(count, THREADS), c.in(0), c.out(0), count);
    }

    @Override
    public void backward(Call c) {
        long count = count(c);
        Tensor u = c.upstream(0);
        source(c)
                .launch(c, u.type(), "sinkhorn_backward", Grid.cover(count, THREADS), c.in(0), u, c.gradient(0), count);
    }

    private CudaSource source(Call c) {
        return CU.with("N", (int) c.in(0).shape().axis(-1)).with("ROUNDS", rounds);
    }

    private static long count(Call c) {
        long n = c.in(0).shape().axis(-1);
        return n == 0 ? 0 : c.in(0).size() / (n * n);
    }
}
