package org.deepdelta.ops.crossentropy;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Width;

/**
 * A block a row; keeps a row's largest logit and sum of exponentials. Logits that may be consumed become their gradient in the forward pass:
 * they are read once and written once, and there is no second tensor of their size. A target that is no class gives a loss of NaN, for an
 * exception would have to wait for the GPU.
 */
record CrossEntropyCuda(double count, boolean consumes) implements Kernel {
    private static final CudaSource CU = CudaSource.beside(CrossEntropyCuda.class, "crossentropy.cu");
    private static final int MOST_THREADS = 512;
    private static final int SUM_THREADS = 256; // of crossentropy_loss

    @Override
    public void forward(Call c) {
        Tensor z = c.in(0);
        int classes = (int) z.shape().axis(-1);
        long rows = z.shape().rows();
        int v = Width.pack(classes, z);
        Tensor losses = c.temporary(DType.F32, rows);
        if (consumed(c)) {
            c.save(z);
            Width.packed(CU, v)
                    .launch(
                            c,
                            z.type(),
                            "crossentropy_consume",
                            grid(rows, classes / v),
                            z,
                            c.in(1),
                            losses,
                            classes,
                            (float) count);
        } else {
            c.save(c.temporary(DType.F32, rows, 2));
            Width.packed(CU, v)
                    .launch(
                            c,
                            z.type(),
                            "crossentropy_forward",
                            grid(rows, classes / v),
                            z,
                            c.in(1),
                            c.saved(0),
                            losses,
                            classes);
        }
        Grid one = Grid.of(1, SUM_THREADS);
        Width.packed(CU, v).launch(c, z.type(), "crossentropy_loss", one, losses, rows, count, c.out(0));
    }

    private static Grid grid(long rows, int pieces) {
        return Grid.of(rows, Math.min(MOST_THREADS, Width.threads(pieces)));
    }

    private boolean consumed(Call c) {
        return consumes && c.differentiated() && c.wants(0);
    }

    @Override
    public void backward(Call c) {
        if (consumed(c)) {
            give(c);
            return;
        }
        Tensor z = c.in(0);
        Tensor to = c.gradient(0);
        int classes = (int) z.shape().axis(-1);
        int v = Width.pack(classes, z, to);
        Width.packed(CU, v)
                .launch(
                        c,
                        z.type(),
                        "crossentropy_backward",
                        grid(z.shape().rows(), classes / v),
                        z,
                        c.in(1),
                        c.saved(0),
                        c.upstream(0),
                        to,
                        classes,
                        (float) count);
    }

    private static void give(Call c) {
        Tensor z = c.saved(0);
        if (z == null) {
            throw new IllegalStateException("cross_entropy: a tape is walked back once where the logits are consumed");
        }
        int v = Width.pack((int) z.shape().axis(-1), z);
        Grid grid = Grid.cover(z.size() / v, SUM_THREADS);
        Width.packed(CU, v).launch(c, z.type(), "crossentropy_scale", grid, z, c.upstream(0), z.size());
        c.give(0, z);
        c.save((Tensor) null);
    }
}
