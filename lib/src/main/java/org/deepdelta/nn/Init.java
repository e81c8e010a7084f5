package org.deepdelta.nn;

import org.deepdelta.tensor.Rng;

/** How a parameter starts: its element i as a function of a random stream and i. */
@FunctionalInterface
public interface Init {

    /** Element i. */
    double value(Rng rng, long i);

    /** Normal with mean 0. */
    static Init normal(double std) {
        return (rng, i) -> std * rng.normal(i);
    }

    /** Uniform in [-bound, bound). */
    static Init uniform(double bound) {
        return (rng, i) -> bound * (2 * rng.uniform(i) - 1);
    }

    /** The same number everywhere. */
    static Init constant(double value) {
        return (rng, i) -> value;
    }
}
