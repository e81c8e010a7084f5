package org.deepdelta.ops.crossentropy;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Width;

/**
 * A block a row; keeps a row's largest logit and sum of exponentials. A target that is no class gives a loss of NaN, for an exception would
 * have to wait for the GPU.
 */
record CrossEntropyCuda(double count) implements Kernel {
    private static final CudaSource CU = CudaSource.beside(CrossEntropyCuda.class, "crossentropy.cu");
    private static final int MOST_THREADS = 512;
    private static final int SUM_THREADS = 256; // of crossentropy_loss

    @Override
    public void forward(Call c) {
        Tensor z = c.in(0);
        int classes = (int) z.shape().axis(-1);
        long rows = z.shape().rows();
        Tensor losses = c.temporary(DType.F32, rows);
        c.save(c.temporary(DType.F32, rows, 2));
        int v = Width.pack(classes, z);
        CudaSource source = Width.packed(CU, v);
        Grid grid = Grid.of(rows, Math.min(MOST_THREADS, Width.threads(classes / v)));
        source.launch(c, z.type(), "crossentropy_forward", grid, z, c.in(1), c.saved(0), losses, classes);
        source.launch(
                c, z.type(), "crossentropy_loss", Grid.of(1, SUM_THREADS), losses, rows, count, c.out(0));
    }

    @Override
    public void backward(Call c) {
        Tensor z = c.in(0);
        Tensor to = c.gradient(0);
        int classes = (int) z.shape().axis(-1);
        int v = Width.pack(classes, z, to);
        Grid grid = Grid.of(z.shape().rows(), Math.min(MOST_THREADS, Width.threads(classes / v)));
        Width.packed(CU, v)
                .launch(
                        c,
                        z.type(),
                        "crossentropy_backward",
                        grid,
                        z,
                        c.in(1),
                        c.saved(0),
                        c.upstream(0),
                        to,
                        classes,
                        (float) count);
    }
}
