package org.deepdelta.ops.linear;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Matrix;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaMatmul;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Parts;
import org.deepdelta.tensor.cuda.Width;

/**
 * Matrix products, the weight's gradient added up in F32 by the product itself; for a few outputs or a few rows, kernels that read the
 * large side once.
 */
final class LinearCuda implements Kernel {
    private static final CudaSource CU = CudaSource.beside(LinearCuda.class, "linear.cu");
    /** Up to so many outputs or rows a product is wasteful. */
    private static final int FEW = 8;

    private static final int MOST_PARTS = 512;
    private static final int MOST_THREADS = 128;
    private static final int RUN = 16;
    private static final int MANY_ROWS = 8192;
    private static final int ROWS = 4;

    @Override
    public void forward(Call c) {
        Sizes s = new Sizes(c);
        Tensor x = c.in(0);
        Tensor w = c.in(1);
        Tensor bias = c.inputs() > 2 ? c.in(2) : null;
        if (s.m <= FEW) {
            dots(c, x, s.rows, w, s.m, bias, false);
        } else if (s.rows <= FEW) {
            dots(c, w, s.m, x, (int) s.rows, bias, true);
        } else {
            if (bias != null) {
                int v = Width.pack(s.m, bias, c.out(0));
                Grid grid = s.tokens(s.rows, s.m / v);
                form(v, 1).launch(c, x.type(), "linear_fill", grid, bias, c.out(0), s.m);
            }
            CudaMatmul.multiply(
                    c, 1, Matrix.of(x), Matrix.of(w).transpose(), bias == null ? 0 : 1, Matrix.of(c.out(0)));
        }
    }

    /** Every row of a against the few rows of b; swapped if a is the weight and b the input. */
    private static void dots(Call c, Tensor a, long rows, Tensor b, int few, Tensor bias, boolean swapped) {
        int n = (int) a.shape().axis(-1);
        int v = Width.pack(n, a, b);
        int atOnce = rows < MANY_ROWS ? 1 : ROWS;
        long warps = (rows + atOnce - 1) / atOnce;
        form(v, few)
                .with("ROWS", atOnce)
                .launch(
                        c,
                        a.type(),
                        "linear_dots",
                        Grid.cover(32 * warps, MOST_THREADS),
                        a,
                        b,
                        bias,
                        swapped ? 1 : 0,
                        c.out(0),
                        rows,
                        n,
                        swapped ? 1L : few,
                        swapped ? rows : 1L);
    }

    @Override
    public void backward(Call c) {
        Sizes s = new Sizes(c);
        if (c.wants(0)) {
            input(c, s);
        }
        if (c.wants(1)) {
            weight(c, s);
        }
        if (c.inputs() > 2 && c.wants(2)) {
            bias(c, s);
        }
    }

    private static void input(Call c, Sizes s) {
        Call.Sum dx = c.sum(0);
        Tensor u = c.upstream(0);
        Tensor w = c.in(1);
        if (s.m > FEW) {
            CudaMatmul.multiply(c, 1, Matrix.of(u), Matrix.of(w), dx.add() ? 1 : 0, Matrix.of(dx.tensor()));
            return;
        }
        int v = Width.few(s.n, s.m, w, dx.tensor());
        Grid grid = s.tokens((s.rows + RUN - 1) / RUN, s.n / v);
        form(v, s.m)
                .launch(c, u.type(), "linear_few_input", grid, u, w, dx.tensor(), s.rows, s.n, RUN, dx.add() ? 1 : 0);
    }

    private static void weight(Call c, Sizes s) {
        Call.Sum dw = c.sum(1, DType.F32);
        Tensor x = c.in(0);
        Tensor u = c.upstream(0);
        if (s.m > FEW) {
            CudaMatmul.multiply(c, 1, Matrix.of(u).transpose(), Matrix.of(x), dw.add() ? 1 : 0, Matrix.of(dw.tensor()));
            return;
        }
        int v = Width.few(s.n, s.m, x);
        Parts parts = Parts.of(c, s.rows, MOST_PARTS, (long) s.m * s.n);
        Grid grid = parts.columns(s.n / v);
        form(v, s.m).launch(c, x.type(), "linear_few_weight", grid, x, u, parts.sums(), s.rows, s.n);
        parts.fold(c, 0, dw);
    }

    private static void bias(Call c, Sizes s) {
        Call.Sum db = c.sum(2, DType.F32);
        Tensor u = c.upstream(0);
        Parts parts = Parts.of(c, s.rows, MOST_PARTS, s.m);
        if (s.m <= FEW) {
            Grid grid = Grid.of(1, parts.count(), 1, MOST_THREADS);
            form(1, s.m).launch(c, u.type(), "linear_few_bias", grid, u, parts.sums(), s.rows);
        } else {
            int v = Width.pack(s.m, u);
            Grid grid = parts.columns(s.m / v);
            form(v, 1).launch(c, u.type(), "linear_bias", grid, u, parts.sums(), s.rows, s.m);
        }
        parts.fold(c, 0, db);
    }

    private static CudaSource form(int v, int few) {
        return Width.packed(CU, v).with("FEW", few);
    }

    /** The sizes of a call. */
    private static final class Sizes {
        final long rows;
        final int n;
        final int m;

        Sizes(Call c) {
            rows = c.in(0).shape().rows();
            n = (int) c.in(1).shape().axis(1);
            m = (int) c.in(1).shape().axis(0);
        }

        /** Blocks along x for rows, along y for that many pieces of each. */
        Grid tokens(long blocks, int pieces) {
            int threads = Math.min(MOST_THREADS, Width.threads(pieces));
            return Grid.of(blocks, (pieces + threads - 1) / threads, 1, threads);
        }
    }
}
