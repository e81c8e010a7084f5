package org.deepdelta.ops.compress;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Parts;
import org.deepdelta.tensor.cuda.Width;

/**
 * Reading from a state in a call on a GPU.
 *
 * @param c the call
 * @param state X {@code [B, T, d, dv]}, channel-major
 * @param w W {@code [K, dv, d]}
 */
public record CompressCall(Call c, Tensor state, Tensor w) {
    private static final CudaSource CU = CudaSource.beside(CompressCall.class, "compress.cu");
    private static final int THREADS = 256;
    private static final int PARTS = 1056; // eight blocks on each of an H100's 132 multiprocessors

    private Taps taps() {
        return Taps.of(w.shape(), state.shape().axis(1));
    }

    private long tokens() {
        return state.shape().axis(0) * state.shape().axis(1);
    }

    private CudaSource source(int v) {
        return Width.packed(CU, v).with("TAPS", taps().taps()).with("DV", taps().channels());
    }

    /** x. */
    void forward(Tensor x) {
        int d = taps().d();
        int v = Width.pack(d, state, w, x);
        Grid grid = Grid.cover(tokens() * (d / v), THREADS);
        source(v).launch(c, x.type(), "compress_forward", grid, state, w, x, tokens(), taps().length(), d);
    }

    /** dX from the gradient u of x. */
    void state(Tensor u, Call.Sum to) {
        int d = taps().d();
        int v = Width.pack(d, u, w, to.tensor());
        Grid grid = Grid.cover(tokens() * (d / v), THREADS);
        int add = to.add() ? 1 : 0;
        source(v).launch(c, u.type(), "compress_state", grid, u, w, to.tensor(), tokens(), taps().length(), d, add);
    }

    /** dW, in F32, from the gradient u of x. */
    public void weight(Tensor u, Call.Sum to) {
        int d = taps().d();
        int v = Width.few(d, taps().rows(), state, u);
        Parts parts = Parts.of(c, tokens(), PARTS, w.size());
        Grid grid = parts.columns(d / v);
        source(v).launch(c, u.type(), "compress_weight", grid, state, u, parts.sums(), tokens(), taps().length(), d);
        parts.fold(c, 0, to);
    }

    /** Both of one tap in one pass. */
    void both(Tensor u, Call.Sum dState, Call.Sum dWeight) {
        int d = taps().d();
        int v = Width.few(d, taps().rows(), state, w, u, dState.tensor());
        Parts parts = Parts.of(c, tokens(), PARTS, w.size());
        Grid grid = parts.columns(d / v);
        int add = dState.add() ? 1 : 0;
        source(v)
                .launch(
                        c,
                        u.type(),
                        "compress_both",
                        grid,
                        state,
                        w,
                        u,
                        dState.tensor(),
                        parts.sums(),
                        tokens(),
                        d,
                        add);
        parts.fold(c, 0, dWeight);
    }
}
