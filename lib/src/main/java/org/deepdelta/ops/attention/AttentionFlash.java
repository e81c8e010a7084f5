package org.deepdelta.ops.attention;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Width;

/**
 * Scores in shared memory and registers alone. Forward keeps the logarithm of every row's sum. Backward makes the probabilities twice, once
 * a tile of queries for dq and once a tile of keys for dk and dv: nothing is added from two blocks, so that equal inputs give equal bits.
 * On tensor cores in BF16, in plain arithmetic otherwise.
 *
 * @param tensorCores whether BF16 may go to tensor cores
 */
record AttentionFlash(int heads, boolean tensorCores) implements Kernel {
    private static final CudaSource PLAIN = CudaSource.beside(AttentionFlash.class, "flash.cu");
    private static final CudaSource TENSOR = CudaSource.beside(AttentionFlash.class, "flash_tensor.cu")
            .behind(CudaSource.beside(CudaSource.class, "tensorcore.cu"));
    private static final CudaSource ALONG = CudaSource.beside(AttentionFlash.class, "along.cu");
    private static final int ALONG_BYTES = 8; // a thread: all of a warp at the usual widths
    private static final int WIDEST = 256;
    private static final int WIDEST_TENSOR = 128;
    private static final int THREADS = 128;

    /** Whether heads are narrow enough. */
    static boolean takes(int width) {
        return width <= WIDEST;
    }

    @Override
    public void forward(Call c) {
        AttentionCall a = new AttentionCall(c, heads);
        Tensor lse = c.temporary(DType.F32, a.batch, heads, a.queries);
        c.save(lse);
        Form form = form(a, true, c.out(0));
        launch(a, form, form.prefix + "_forward", a.queries, form.forwardShared(), a.q, a.kv, c.out(0), lse);
    }

    @Override
    public void backward(Call c) {
        AttentionCall a = new AttentionCall(c, heads);
        Tensor u = c.upstream(0);
        Tensor dq = a.gradient(0);
        Tensor dkv = c.inputs() == 1 ? dq : a.gradient(1);
        Tensor lse = c.saved(0);
        Tensor along = c.temporary(DType.F32, a.batch, heads, a.queries);
        long count = along.size();
        Grid warps = Grid.cover(32 * count, THREADS);
        Width.packed(ALONG, Width.pack(a.width, ALONG_BYTES, c.out(0), u))
                .launch(c, a.type, "attention_along", warps, c.out(0), u, along, count, heads, a.queries, a.width);
        Form form = form(a, false, u, dq, dkv);
        int shared = form.backwardShared();
        launch(a, form, form.prefix + "_queries", a.queries, shared, a.q, a.kv, u, lse, along, dq);
        launch(a, form, form.prefix + "_keys", a.keys, shared, a.q, a.kv, u, lse, along, dkv);
    }

    private void launch(AttentionCall a, Form form, String kernel, int rows, int shared, Tensor... tensors) {
        int tile = form.tile;
        Grid grid =
                Grid.of((rows + tile - 1) / tile, heads, a.batch, form.threads).shared(shared);
        Object[] arguments = new Object[tensors.length + 8];
        System.arraycopy(tensors, 0, arguments, 0, tensors.length);
        Object[] sizes = {
            heads, a.queries, a.keys, a.width, AttentionCall.heads(a.q), AttentionCall.heads(a.kv), a.firstKey, a.scale
        };
        System.arraycopy(sizes, 0, arguments, tensors.length, sizes.length);
        form.source.launch(a.call, a.type, kernel, grid, arguments);
    }

    private Form form(AttentionCall a, boolean forward, Tensor... more) {
        if (!tensorCores || a.type != DType.BF16 || a.width > WIDEST_TENSOR) {
            return plain(a.width);
        }
        Tensor[] rows = new Tensor[more.length + 2];
        System.arraycopy(more, 0, rows, 0, more.length);
        rows[more.length] = a.q;
        rows[more.length + 1] = a.kv;
        boolean aligned = Width.pack(a.width, rows) * a.type.bytes() == 16;
        return tensor(a.width, forward, aligned);
    }

    /** In plain arithmetic: 64 threads, tiles of 32 rows, or 16 of wide heads. */
    private static Form plain(int width) {
        int wide = (width + 7) / 8 * 8;
        int tile = wide <= 128 ? 32 : 16;
        CudaSource source = PLAIN.with("TILE", tile).with("WIDE", wide);
        int row = (wide + 1) * Float.BYTES;
        return new Form(source, "flash", 64, tile, tile, row, (tile + 1) * tile * Float.BYTES);
    }

    /**
     * On tensor cores: 128 threads. A warp's second 16 rows halve what it reads from shared memory; forward has the registers for them (255 at
     * width 128 on sm_90), backward has not, and at that width only for half the others.
     */
    private static Form tensor(int width, boolean forward, boolean aligned) {
        int wide = (width + 15) / 16 * 16;
        int own = forward ? 2 : 1;
        int others = forward || wide <= 64 ? 64 : 32;
        CudaSource source = TENSOR.with("ALIGNED", aligned ? 1 : 0)
                .with("OTHERS", others)
                .with("OWN", own)
                .with("WIDE", wide);
        return new Form(source, "tensor", THREADS, 64 * own, others, (wide + 8) * DType.BF16.bytes(), 0);
    }

    /**
     * One form of a source.
     *
     * @param tile rows of a block
     * @param others rows of the other side at a time
     * @param row bytes of a row in shared memory
     * @param square bytes of the probabilities there
     */
    private record Form(CudaSource source, String prefix, int threads, int tile, int others, int row, int square) {
        int forwardShared() {
            return square > 0 ? 2 * tile * row + square : (tile + 2 * others) * row;
        }

        int backwardShared() {
            return square > 0 ? 3 * tile * row + square : (2 * tile + 4 * others) * row;
        }
    }
}
