package org.deepdelta.ops.rmsnorm;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Parts;
import org.deepdelta.tensor.cuda.Width;

/**
 * A block a row, which is read once each way; backward goes through a part of the rows and adds up the weight's gradient on the way. Keeps
 * r = 1 / sqrt(mean(x^2) + eps) of every row.
 */
record RmsNormCuda(double eps) implements Kernel {
    private static final CudaSource CU = CudaSource.beside(RmsNormCuda.class, "rmsnorm.cu");
    private static final int MOST_PARTS = 1024;

    @Override
    public void forward(Call c) {
        Tensor x = c.in(0);
        int n = (int) x.shape().axis(-1);
        long rows = x.shape().rows();
        Tensor inverse = c.temporary(DType.F32, rows);
        c.save(inverse);
        Width width = Width.rows(n, x, c.in(1), c.out(0));
        Grid grid = Grid.of(rows, width.threads());
        width.of(CU).launch(c, x.type(), "rmsnorm_forward", grid, x, c.in(1), c.out(0), inverse, n, (float) eps);
    }

    @Override
    public void backward(Call c) {
        Tensor x = c.in(0);
        Tensor u = c.upstream(0);
        int n = (int) x.shape().axis(-1);
        long rows = x.shape().rows();
        Call.Sum dx = c.wants(0) ? c.sum(0) : new Call.Sum(null, false);
        Parts parts = Parts.of(c, rows, MOST_PARTS, n);
        Width width = Width.rows(n, x, c.in(1), u, dx.tensor());
        Grid grid = Grid.of(parts.count(), width.threads());
        width.of(CU)
                .launch(
                        c,
                        x.type(),
                        "rmsnorm_backward",
                        grid,
                        x,
                        c.in(1),
                        u,
                        c.saved(0),
                        dx.tensor(),
                        parts.sums(),
                        rows,
                        n,
                        dx.add() ? 1 : 0);
        if (c.wants(1)) {
            parts.fold(c, 0, c.sum(1, DType.F32));
        }
    }
}
