package org.deepdelta.residual;

import org.deepdelta.tensor.Tensor;

/**
 * What a sublayer sees of the state.
 *
 * @param state X, {@code [B, T, d]} or {@code [B, T, d, dv]}
 * @param x the compressed state {@code [B, T, d]}; the state itself where there is nothing to compress
 * @param c the normalised context {@code [B, T, d]}
 */
public record Read(Tensor state, Tensor x, Tensor c) {}
