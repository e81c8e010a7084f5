package org.deepdelta.residual;

import org.deepdelta.nn.RmsNorm;
import org.deepdelta.ops.streams.Streams;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * A rule whose state is n streams H {@code [B, T, n, d]}, which persist over all blocks: each sublayer reads u = read'H and writes H' =
 * mix'H + write y'. The streams start as n copies of the embedding; the readout is their sum. Rules differ in their {@link #coefficients}.
 */
public interface StreamRule extends ResidualStream {

    /**
     * How a sublayer reads and writes. Each is one for every token, or one for all of them (without the axes B and T).
     *
     * @param read {@code [B, T, n, 1]}
     * @param mix {@code [B, T, n, n]}; entry (j, i) is what stream i takes from stream j
     * @param write {@code [B, T, n, 1]}
     */
    record Coefficients(Tensor read, Tensor mix, Tensor write) {}

    /** n. */
    int streams();

    /** 2L, the readout's index. */
    int sublayers();

    /** The coefficients of sublayer s for these streams. */
    Coefficients coefficients(Tape t, int s, Tensor streams);

    @Override
    default Tensor expand(Tape t, Tensor embedding) {
        Shape e = embedding.shape();
        Tensor one = t.reshape(embedding, e.axis(0), e.axis(1), 1, e.axis(2));
        return Streams.mix(t, one, t.constant(embedding.type(), Shape.of(1, streams()), 1));
    }

    @Override
    default Tensor compress(Tape t, int s, Tensor state) {
        Tensor weights = s == sublayers()
                ? t.constant(state.type(), Shape.of(streams(), 1), 1)
                : coefficients(t, s, state).read();
        return compress(t, state, weights);
    }

    private static Tensor compress(Tape t, Tensor state, Tensor weights) {
        Shape h = state.shape();
        return t.reshape(Streams.mix(t, state, weights), h.axis(0), h.axis(1), h.axis(3));
    }

    @Override
    default Read read(Tape t, int s, Tensor state, RmsNorm norm) {
        if (s == sublayers()) {
            return ResidualStream.super.read(t, s, state, norm);
        }
        Coefficients own = coefficients(t, s, state);
        t.watch("sub." + s + ".read", own.read());
        t.watch("sub." + s + ".mix", own.mix());
        t.watch("sub." + s + ".write", own.write());
        Tensor u = compress(t, state, own.read());
        return new Read(state, u, norm.apply(t, u), own);
    }

    @Override
    default Tensor rewrite(Tape t, int s, Read r, Tensor h) {
        Coefficients own = (Coefficients) r.own();
        return Streams.mix(t, r.state(), own.mix(), own.write(), h);
    }
}
