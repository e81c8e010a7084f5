package org.deepdelta.ops.rotary;

import java.util.Arrays;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Parts;
import org.deepdelta.tensor.cuda.Width;

/**
 * Rotation, norm and the copy of the values in one kernel: a few threads a head that hold it in registers where its width is a power of
 * two, a warp a head at any other. Keeps 1 / rms of every normalised head.
 */
record RotaryCuda(Rotary op) implements Kernel {
    private static final CudaSource CU = CudaSource.beside(RotaryCuda.class, "rotary.cu");
    private static final CudaSource WIDE = CudaSource.beside(RotaryCuda.class, "rotary_wide.cu");
    private static final int WARP = 32;
    private static final int MOST_THREADS = 256;
    private static final int MOST_PARTS = 1024;

    @Override
    public void forward(Call c) {
        Heads s = new Heads(op, c);
        Tensor y = c.out(0);
        Tensor inverse = c.temporary(DType.F32, s.tokens, Math.max(1, s.turned));
        c.save(inverse);
        float eps = (float) op.eps();
        int pack = s.pack(c.in(0), y);
        if (pack > 0) {
            s.launch(s.wide(pack), "rotary_wide_forward", s.grid(s.tokens, s.half / pack), y, inverse, eps);
        } else {
            s.launch(CU, "rotary_forward", s.grid(s.tokens, WARP), y, inverse, s.width, s.half, eps);
        }
    }

    @Override
    public void backward(Call c) {
        Heads s = new Heads(op, c);
        Tensor dx =
                c.wants(0) ? c.gradient(0) : c.temporary(s.type, c.in(0).shape().toArray());
        boolean weights = s.wq != null && (c.wants(1) || c.wants(2));
        int pack = s.pack(c.in(0), c.upstream(0), dx);
        Parts parts = pack > 0 ? wide(s, pack, dx, weights) : any(s, dx, weights);
        for (int i = 1; weights && i < 3; i++) {
            if (c.wants(i)) {
                parts.fold(c, (i - 1L) * s.width, c.sum(i, DType.F32));
            }
        }
    }

    /** In one pass; returns the sums for the weights' gradients, or null if they are not asked for. */
    private static Parts wide(Heads s, int pack, Tensor dx, boolean weights) {
        Call c = s.call;
        int lanes = s.half / pack;
        Grid grid = s.grid(Parts.of(c, s.tokens, MOST_PARTS, 1).count(), lanes);
        Parts parts = weights ? new Parts(c.temporary(DType.F32, grid.x() * grid.y(), 2L * s.width)) : null;
        Tensor sums = weights ? parts.sums() : null;
        Grid shared = grid.shared((long) grid.threads() / lanes * s.width * Float.BYTES);
        s.launch(s.wide(pack), "rotary_wide_backward", shared, c.upstream(0), c.saved(0), dx, sums, s.tokens);
        return parts;
    }

    /** Heads of any width, the weights' gradients in a second pass. */
    private static Parts any(Heads s, Tensor dx, boolean weights) {
        Call c = s.call;
        Tensor u = c.upstream(0);
        Grid grid = s.grid(s.tokens, WARP);
        Grid shared = grid.shared((long) grid.threads() / WARP * s.width * Float.BYTES);
        s.launch(CU, "rotary_backward", shared, u, c.saved(0), dx, s.width, s.half);
        if (!weights) {
            return null;
        }
        Parts parts = Parts.of(c, s.tokens, MOST_PARTS, 2L * s.width);
        Grid columns = parts.columns(s.width);
        s.launch(CU, "rotary_weight", columns, u, c.saved(0), parts.sums(), s.tokens, s.width, s.half);
        return parts;
    }

    /** The sizes of a call and the angles that it needs. */
    private static final class Heads {
        final Call call;
        final DType type;
        final long tokens;
        private final Rotary op;
        private final int length;
        private final int heads;
        final int turned;
        final int width;
        final int half;
        final Tensor wq;
        private final Tensor wk;
        private final Tensor angles;
        private final int table;

        private record Key(double base, double ratio, int width, int positions) {}

        Heads(Rotary op, Call c) {
            this.op = op;
            call = c;
            type = c.in(0).type();
            tokens = c.in(0).shape().axis(0) * c.in(0).shape().axis(1);
            length = (int) c.in(0).shape().axis(1);
            heads = (int) c.in(0).shape().axis(2);
            width = (int) c.in(0).shape().axis(3);
            turned = op.queries() + op.keys();
            half = op.rotated(width) / 2;
            wq = c.inputs() > 1 ? c.in(1) : null;
            wk = c.inputs() > 1 ? c.in(2) : null;
            int positions = op.position() + length;
            table = Math.max(64, Integer.highestOneBit(Math.max(1, positions - 1)) * 2);
            Key key = new Key(op.base(), op.ratio(), width, table);
            angles = half == 0 ? null : c.device().once(key, () -> upload(c, key));
        }

        /** Cosines, then sines, {@code [2, positions, half]}, made once for a length and again when it has doubled. */
        private static Tensor upload(Call c, Key key) {
            Rotary fromStart = new Rotary(0, 0, key.base, key.ratio, 0, 0);
            double[][][] rows = fromStart.table(key.positions, key.width, DType.F32);
            int half = fromStart.rotated(key.width) / 2;
            double[] all = new double[2 * key.positions * half];
            for (int i = 0; i < 2 * key.positions; i++) {
                System.arraycopy(rows[i / key.positions][i % key.positions], 0, all, i * half, half);
            }
            return c.device()
                    .allocate(Spec.of(DType.F32, Shape.of(2, key.positions, half)))
                    .set(all);
        }

        /** Elements a thread takes of either half of a head, or 0 where heads are not of the width that this needs. */
        int pack(Tensor... rows) {
            if (half == 0 || 2 * half != width) {
                return 0;
            }
            int v = Width.pack(half, rows);
            if (wq != null) {
                v = Math.min(v, Width.pack(half, wq, wk));
            }
            int lanes = half / v;
            return lanes <= WARP && Integer.bitCount(lanes) == 1 ? v : 0;
        }

        /** With the arguments that every kernel begins with. */
        void launch(CudaSource source, String kernel, Grid grid, Object... more) {
            Object[] common = {
                call.in(0), wq, wk, angles, table, length, op.position(), heads, op.queries(), turned,
            };
            Object[] all = Arrays.copyOf(common, common.length + more.length);
            System.arraycopy(more, 0, all, common.length, more.length);
            source.launch(call, type, kernel, grid, all);
        }

        CudaSource wide(int pack) {
            return Width.packed(WIDE, pack).with("LANES", half / pack);
        }

        /** Blocks along x, along y for the heads of a token with so many threads each. */
        Grid grid(long blocks, int lanes) {
            int threads = Math.min(MOST_THREADS, Width.threads(heads * lanes));
            int perBlock = threads / lanes;
            return Grid.of(blocks, (heads + perBlock - 1) / perBlock, 1, threads);
        }
    }
}
