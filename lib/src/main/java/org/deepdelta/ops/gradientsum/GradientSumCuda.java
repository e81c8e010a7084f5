package org.deepdelta.ops.gradientsum;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;

/** Shards added in order, then squares summed in float within a block and in double over blocks. */
record GradientSumCuda() implements Kernel {
    private static final CudaSource CU = CudaSource.beside(GradientSumCuda.class, "gradientsum.cu");
    private static final int THREADS = 256;
    private static final int EACH = 64; // elements a thread, in gradientsum_squares

    @Override
    public void forward(Call c) {
        long n = c.in(0).size();
        Tensor sum = c.out(0);
        if (c.inputs() == 1 && c.in(0) != sum) {
            add(c, c.in(0), null, sum);
        }
        for (int i = 1; i < c.inputs(); i++) {
            add(c, i == 1 ? c.in(0) : sum, c.in(i), sum);
        }
        long blocks = (n + THREADS * EACH - 1) / (THREADS * EACH);
        Tensor partial = c.temporary(DType.F32, blocks);
        CU.launch(c, DType.F32, "gradientsum_squares", Grid.of(blocks, THREADS), sum, partial, n);
        CU.launch(c, DType.F32, "gradientsum_total", Grid.of(1, THREADS), partial, blocks, c.out(1));
    }

    private static void add(Call c, Tensor a, Tensor b, Tensor to) {
        CU.launch(c, DType.F32, "gradientsum_add", Grid.cover(to.size(), THREADS), a, b, to, to.size());
    }

    @Override
    public void backward(Call c) {
        throw new UnsupportedOperationException("a sum of gradients is not differentiated");
    }
}
