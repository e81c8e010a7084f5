package org.deepdelta.ops.embedding;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Width;

/**
 * Copies rows; an id that is none gives NaN, for an exception would have to wait for the GPU. Backward a block owns rows of the table and
 * sums what belongs to them in the order of the ids.
 */
record EmbeddingCuda() implements Kernel {
    private static final CudaSource CU = CudaSource.beside(EmbeddingCuda.class, "embedding.cu");
    private static final int THREADS = 256;
    private static final int OWNERS = 128; // THREADS in embedding.cu
    private static final int OWNED = 16; // ROWS there

    @Override
    public void forward(Call c) {
        Tensor table = c.in(0);
        Tensor y = c.out(0);
        long count = c.in(1).size();
        int d = (int) table.shape().axis(1);
        int v = Width.pack(d, table, y);
        Grid grid = Grid.cover(count * (d / v), THREADS);
        int vocabulary = (int) table.shape().axis(0);
        Width.packed(CU, v).launch(c, y.type(), "embedding_forward", grid, table, c.in(1), y, count, vocabulary, d);
    }

    @Override
    public void backward(Call c) {
        Tensor u = c.upstream(0);
        int d = (int) c.in(0).shape().axis(1);
        int vocabulary = (int) c.in(0).shape().axis(0);
        Call.Sum to = c.sum(0, DType.F32);
        Grid grid = Grid.of((vocabulary + OWNED - 1) / OWNED, OWNERS);
        Width.packed(CU, Width.pack(d, u))
                .launch(
                        c,
                        u.type(),
                        "embedding_backward",
                        grid,
                        c.in(1),
                        u,
                        to.tensor(),
                        c.in(1).size(),
                        vocabulary,
                        d,
                        to.add() ? 1 : 0);
    }
}
