package org.deepdelta.nn;

import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** What stands between two residual steps: attention or an MLP, from width d to width d whatever the state's size. */
@FunctionalInterface
public interface Sublayer {

    /** h = F(c), both {@code [B, T, d]}. */
    Tensor apply(Tape t, Tensor c);
}
