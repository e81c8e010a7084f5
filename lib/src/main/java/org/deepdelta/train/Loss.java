package org.deepdelta.train;

import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** What a step brings down: a function from some rows of a batch to a scalar, such as {@code gpt::loss}. */
@FunctionalInterface
public interface Loss {

    /**
     * The loss of some rows; called from several threads at a time, each with its own tape.
     *
     * @param t records it
     * @param ids I32 {@code [rows, T]}
     * @param targets I32 {@code [rows, T]}; -1 where nothing is asked
     * @param count targets in the whole step, what the sum over these rows is to be divided by
     * @return a scalar
     */
    Tensor apply(Tape t, Tensor ids, Tensor targets, double count);
}
