package org.deepdelta.residual;

import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.ops.expand.Expand;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * EC (Sec. 3.2): each feature of the embedding is spread over dv value channels by a causal convolution over time,
 * X_0[t,i,j] = sum_s w[(i,j),s] e[t-(K-1)+s,i]. It starts as the repetition: the last tap is 1, all others 0.
 */
public final class EmbeddingConvolution {
    private final Parameter kernel;
    private final int width;
    private final int dv;
    private final int taps;

    /** Declares the kernel {@code [d dv, 1, K]} under {@code prefix + "conv.weight"}. */
    public EmbeddingConvolution(Parameters p, String prefix, int width, int dv, int taps) {
        this.width = width;
        this.dv = dv;
        this.taps = taps;
        kernel =
                p.declare(prefix + "conv.weight", (rng, i) -> i % taps == taps - 1 ? 1 : 0, (long) width * dv, 1, taps);
    }

    /** X_0 {@code [B, T, d, dv]} from e {@code [B, T, d]}. */
    public Tensor apply(Tape t, Tensor embedded) {
        Tensor weight = t.transpose(t.reshape(kernel.value(), width, dv, taps), 2, 1, 0);
        return t.causal(embedded, taps - 1, e -> Expand.apply(t, e, weight));
    }
}
