package org.deepdelta.ops.expand;

import org.deepdelta.ops.compress.Taps;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Parts;
import org.deepdelta.tensor.cuda.Width;

/** A thread for some features of a token; of the weight's gradient, for some features of a part of the tokens. */
record ExpandCuda() implements Kernel {
    private static final CudaSource CU = CudaSource.beside(ExpandCuda.class, "expand.cu");
    private static final int THREADS = 256;
    private static final int PARTS = 1056; // eight blocks on each of an H100's 132 multiprocessors

    private static CudaSource source(int v, Taps taps) {
        return Width.packed(CU, v).with("TAPS", taps.taps()).with("DV", taps.channels());
    }

    private static Taps taps(Call c) {
        return Taps.of(c.in(1).shape(), c.in(0).shape().axis(1));
    }

    @Override
    public void forward(Call c) {
        Taps taps = taps(c);
        Tensor e = c.in(0);
        Tensor w = c.in(1);
        Tensor state = c.out(0);
        long tokens = e.shape().rows();
        int v = Width.pack(taps.d(), e, w, state);
        Grid grid = Grid.cover(tokens * (taps.d() / v), THREADS);
        source(v, taps).launch(c, e.type(), "expand_forward", grid, e, w, state, tokens, taps.length(), taps.d());
    }

    @Override
    public void backward(Call c) {
        Taps taps = taps(c);
        if (c.wants(0)) {
            embedding(c, taps, c.upstream(0), c.sum(0));
        }
        if (c.wants(1)) {
            weight(c, taps, c.upstream(0), c.sum(1, DType.F32));
        }
    }

    private static void embedding(Call c, Taps taps, Tensor u, Call.Sum to) {
        Tensor w = c.in(1);
        long tokens = c.in(0).shape().rows();
        int v = Width.pack(taps.d(), u, w, to.tensor());
        Grid grid = Grid.cover(tokens * (taps.d() / v), THREADS);
        int add = to.add() ? 1 : 0;
        source(v, taps)
                .launch(c, u.type(), "expand_embedding", grid, u, w, to.tensor(), tokens, taps.length(), taps.d(), add);
    }

    private static void weight(Call c, Taps taps, Tensor u, Call.Sum to) {
        Tensor e = c.in(0);
        long tokens = e.shape().rows();
        int v = Width.few(taps.d(), taps.rows(), e, u);
        Parts parts = Parts.of(c, tokens, PARTS, c.in(1).size());
        Grid grid = parts.columns(taps.d() / v);
        source(v, taps).launch(c, u.type(), "expand_weight", grid, e, u, parts.sums(), tokens, taps.length(), taps.d());
        parts.fold(c, 0, to);
    }
}
