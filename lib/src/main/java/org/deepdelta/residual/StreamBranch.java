package org.deepdelta.residual;

import org.deepdelta.nn.Init;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * One of the coefficients that a sublayer reads and writes n streams with: a learned start {@code [n, k]}, the same for every token, and
 * (unless static) what a linear map of the normalised streams adds to it.
 *
 * @param start {@code [n]} for k = 1, otherwise {@code [n, k]}; never decayed, which would pull it off the identity
 * @param weight {@code [k, d]}, applied to each stream, or {@code [n k, n d]}, applied to all of them at once; starts at zero; null if static
 * @param scale of what is added, {@code [1]}; null if static
 */
record StreamBranch(Parameter start, Parameter weight, Parameter scale) {

    static Parameter start(Parameters p, String name, Init init, long... sizes) {
        return p.declare(name, init, false, sizes);
    }

    static Parameter weight(Parameters p, String name, long outputs, long inputs) {
        return p.declare(name + "_weight", Init.constant(0), outputs, inputs);
    }

    static Parameter scale(Parameters p, String name, double value) {
        return p.declare(name + "_scale", Init.constant(value), 1);
    }

    /** {@code value} at one index, zero elsewhere. */
    static Init unit(int index, double value) {
        return (rng, i) -> i == index ? value : 0;
    }

    /** {@code value} times the n x n identity. */
    static Init identity(int n, double value) {
        return (rng, i) -> i % (n + 1) == 0 ? value : 0;
    }

    /** The start alone, {@code [n, k]}. */
    Tensor fixed(Tape t) {
        long n = start.shape().axis(0);
        return t.reshape(start.value(), n, start.shape().size() / n);
    }

    /** start + scale tanh(G W), {@code [B, T, n, k]}, for G {@code [B, T, n, d]}. */
    Tensor bounded(Tape t, Tensor g) {
        Tensor z = t.tanh(Linear.apply(t, g, weight.value()));
        return t.add(t.multiply(z, scale.value()), fixed(t));
    }

    /** start + scale G W, {@code [B, T, n, k]}, for G {@code [B, T, n, d]}. */
    Tensor linear(Tape t, Tensor g) {
        return t.add(Linear.apply(t, g, scaledWeight(t)), fixed(t));
    }

    /** scale W: cheaper than to scale every token's product. */
    Tensor scaledWeight(Tape t) {
        return t.multiply(weight.value(), scale.value());
    }

    /** The start as a row, {@code [n k]}. */
    Tensor row(Tape t) {
        return t.reshape(start.value(), start.shape().size());
    }
}
