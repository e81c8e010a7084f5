package org.deepdelta.ops.rmsnorm;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;

/** A block a row, two passes each way; the weight's gradient in two stages. Keeps r = 1 / sqrt(mean(x^2) + eps) of every row. */
record RmsNormCuda(double eps) implements Kernel {
    private static final CudaSource CU = CudaSource.beside(RmsNormCuda.class, "rmsnorm.cu");
    private static final int THREADS = 256;
    private static final int RUN = 64;

    @Override
    public void forward(Call c) {
        Tensor x = c.in(0);
        int n = (int) x.shape().axis(-1);
        long rows = x.shape().rows();
        c.save(c.temporary(DType.F32, rows));
        CU.launch(
                c,
                x.type(),
                "rmsnorm_forward",
                Grid.of(rows, THREADS),
                x,
                c.in(1),
                c.out(0),
                c.saved(0),
                rows,
                n,
                (float) eps);
    }

    @Override
    public void backward(Call c) {
        Tensor x = c.in(0);
        Tensor u = c.upstream(0);
        int n = (int) x.shape().axis(-1);
        long rows = x.shape().rows();
        if (c.wants(0)) {
            Call.Sum dx = c.sum(0);
            CU.launch(
                    c,
                    x.type(),
                    "rmsnorm_backward",
                    Grid.of(rows, THREADS),
                    x,
                    c.in(1),
                    u,
                    c.saved(0),
                    dx.tensor(),
                    rows,
                    n,
                    dx.add() ? 1 : 0);
        }
        if (c.wants(1)) {
            Call.Sum dw = c.sum(1, DType.F32);
            int parts = (int) ((rows + RUN - 1) / RUN);
            Tensor part = c.temporary(DType.F32, parts, n);
            Grid columns = Grid.cover(n, THREADS);
            CU.launch(
                    c,
                    x.type(),
                    "rmsnorm_weight",
                    Grid.of(columns.x(), parts, 1, THREADS),
                    x,
                    u,
                    c.saved(0),
                    part,
                    rows,
                    n,
                    RUN);
            CU.launch(c, x.type(), "rmsnorm_fold", columns, part, dw.tensor(), parts, n, dw.add() ? 1 : 0);
        }
    }
}
