package org.deepdelta.nn;

import org.deepdelta.ops.rmsnorm.RmsNormalize;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * RMSNorm with a trained weight that starts at one.
 *
 * @param weight {@code [n]}
 * @param eps inside the root
 */
public record RmsNorm(Parameter weight, double eps) {

    /** Declares the norm's weight under {@code name + ".weight"}. */
    public static RmsNorm declare(Parameters p, String name, long n, double eps) {
        return new RmsNorm(p.declare(name + ".weight", Init.constant(1), n), eps);
    }

    /** Normalises the last axis. */
    public Tensor apply(Tape t, Tensor x) {
        return RmsNormalize.apply(t, x, weight.value(), eps);
    }
}
