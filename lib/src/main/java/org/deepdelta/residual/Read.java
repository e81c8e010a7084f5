package org.deepdelta.residual;

import org.deepdelta.tensor.Tensor;

/**
 * What a sublayer sees of the state.
 *
 * @param state X, {@code [B, T, d]} or {@code [B, T, d, dv]}
 * @param x the compressed state {@code [B, T, d]}; the state itself where there is nothing to compress
 * @param c the normalised context {@code [B, T, d]}
 * @param own what the rule's reading computed and its writing needs, such as the coefficients of Hyper-Connections; null where nothing
 */
public record Read(Tensor state, Tensor x, Tensor c, Object own) {

    /** A read that computes nothing for the write. */
    public Read(Tensor state, Tensor x, Tensor c) {
        this(state, x, c, null);
    }
}
