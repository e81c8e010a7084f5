package org.deepdelta.tensor.cuda;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Matrix;
import org.deepdelta.tensor.Tensor;

/** Matrix products over the last two axes, one for all where b has no more, else a batch. */
record MatMulCuda() implements Kernel {

    @Override
    public boolean takes(Tensor... in) {
        return PrimitiveKernels.single(in) && Kernel.super.takes(in);
    }

    @Override
    public void forward(Call c) {
        multiply(c, first(c, c.in(0)), first(c, c.in(1)), 0, c.out(0));
    }

    @Override
    public void backward(Call c) {
        Matrix u = first(c, c.upstream(0));
        if (c.wants(0)) {
            Call.Sum da = c.sum(0, c.gradientType(0));
            multiply(c, u, first(c, c.in(1)).transpose(), da.add() ? 1 : 0, da.tensor());
        }
        if (c.wants(1)) {
            Call.Sum db = c.sum(1, c.gradientType(1));
            multiply(c, first(c, c.in(0)).transpose(), u, db.add() ? 1 : 0, db.tensor());
        }
    }

    private static void multiply(Call c, Matrix a, Matrix b, double beta, Tensor to) {
        Matrix y = first(c, to);
        CudaMatmul.multiply(c, 1, a, size(a), b, size(b), beta, y, size(y), batch(c));
    }

    private static int batch(Call c) {
        Tensor a = c.in(0);
        return c.in(1).shape().rank() == 2
                ? 1
                : Math.toIntExact(
                        a.size() / Math.max(1, a.shape().axis(-1) * a.shape().axis(-2)));
    }

    /** The first matrix of a batch, or the whole as the matrix of its rows. */
    private static Matrix first(Call c, Tensor x) {
        return c.in(1).shape().rank() == 2
                ? Matrix.of(x)
                : Matrix.of(
                        x, 0, x.shape().axis(-2), x.shape().axis(-1), x.shape().axis(-1));
    }

    private static long size(Matrix m) {
        return (long) m.rows() * m.columns();
    }
}
