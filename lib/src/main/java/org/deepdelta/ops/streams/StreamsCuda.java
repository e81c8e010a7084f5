package org.deepdelta.ops.streams;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Parts;
import org.deepdelta.tensor.cuda.Width;

/** A thread for some features of all streams of a token; of the coefficients' gradients, a warp for a token or for a part of the tokens. */
record StreamsCuda() implements Kernel {
    private static final CudaSource CU = CudaSource.beside(StreamsCuda.class, "streams.cu");
    private static final int THREADS = 256;
    private static final int WARPS = 4;
    private static final int PARTS = 2112; // sixteen warps on each of an H100's 132 multiprocessors

    @Override
    public void forward(Call c) {
        Sizes z = Sizes.of(c);
        Tensor b = z.extra ? c.in(2) : null;
        Tensor y = z.extra ? c.in(3) : null;
        int v = Width.pack(z.d, c.in(0), y, c.out(0));
        Grid grid = Grid.cover(z.tokens * (z.d / v), THREADS);
        z.source(v, z.n)
                .launch(
                        c,
                        c.in(0).type(),
                        "streams_forward",
                        grid,
                        c.in(0),
                        c.in(1),
                        step(c.in(1)),
                        b,
                        step(b),
                        y,
                        c.out(0),
                        z.tokens,
                        z.d);
    }

    /** Elements from one token's coefficients to the next's; 0 where all tokens share them. */
    private static int step(Tensor coefficients) {
        return coefficients == null || coefficients.shape().rank() == 2
                ? 0
                : (int) (coefficients.shape().axis(2) * coefficients.shape().axis(3));
    }

    @Override
    public void backward(Call c) {
        Sizes z = Sizes.of(c);
        Tensor u = c.upstream(0);
        Call.Sum dh = c.wants(0) ? c.sum(0) : null;
        Call.Sum dy = z.extra && c.wants(3) ? c.sum(3) : null;
        if (dh != null || dy != null) {
            streams(c, z, u, dh, dy);
        }
        if (c.wants(1)) {
            products(c, z, c.in(0), z.n, u, 1);
        }
        if (z.extra && c.wants(2)) {
            // U y is y U' with its axes swapped, which are 1 and m
            products(c, z, c.in(3), 1, u, 2);
        }
    }

    private static void streams(Call c, Sizes z, Tensor u, Call.Sum dh, Call.Sum dy) {
        Tensor b = z.extra ? c.in(2) : null;
        Tensor toH = dh == null ? null : dh.tensor();
        Tensor toY = dy == null ? null : dy.tensor();
        int v = Width.pack(z.d, u, toH, toY);
        Grid grid = Grid.cover(z.tokens * (z.d / v), THREADS);
        z.source(v, z.n)
                .launch(
                        c,
                        u.type(),
                        "streams_backward",
                        grid,
                        c.in(1),
                        step(c.in(1)),
                        b,
                        step(b),
                        u,
                        toH,
                        toY,
                        z.tokens,
                        z.d,
                        dh != null && dh.add() ? 1 : 0,
                        dy != null && dy.add() ? 1 : 0);
    }

    /** The gradient of coefficients: inner products of a token's rows and its upstream rows, summed if all tokens share them. */
    private static void products(Call c, Sizes z, Tensor rows, int n, Tensor u, int input) {
        CudaSource source = z.source(Width.pack(z.d, rows, u), n);
        if (c.in(input).shape().rank() != 2) {
            Call.Sum to = c.sum(input);
            Grid grid = Grid.of((z.tokens + WARPS - 1) / WARPS, 32 * WARPS);
            source.launch(c, u.type(), "streams_products", grid, rows, u, to.tensor(), z.tokens, z.d, to.add() ? 1 : 0);
            return;
        }
        Parts parts = Parts.of(c, z.tokens, PARTS, (long) n * z.m);
        Grid grid = Grid.of((parts.count() + WARPS - 1) / WARPS, 32 * WARPS);
        source.launch(c, u.type(), "streams_shared", grid, rows, u, parts.sums(), z.tokens, parts.count(), z.d);
        parts.fold(c, 0, c.sum(input, DType.F32));
    }

    private record Sizes(long tokens, int n, int m, int d, boolean extra) {

        static Sizes of(Call c) {
            Shape h = c.in(0).shape();
            int m = (int) c.in(1).shape().axis(-1);
            return new Sizes(h.axis(0) * h.axis(1), (int) h.axis(2), m, (int) h.axis(3), c.inputs() > 2);
        }

        CudaSource source(int v, int rows) {
            return Width.packed(CU, v).with("N", rows).with("M", m);
        }
    }
}
