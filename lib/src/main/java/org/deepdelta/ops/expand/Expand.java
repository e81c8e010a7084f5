package org.deepdelta.ops.expand;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * The expanded state at the start, Sec. 3.2 (EC): X_t[i, j] = sum over s of W[s, j, i] e_{t-(K-1)+s}[i], a causal convolution of every
 * embedding feature into dv value channels, with zeros before each sequence; the last tap is the current token. K = 1 with W = 1 repeats
 * the embedding.
 *
 * <p>Shapes: e {@code [B, T, d]}; W {@code [K, dv, d]}; X {@code [B, T, d, dv]}, stored channel-major.
 */
public record Expand() implements Op {

    /** Expands the embedding. */
    public static Tensor apply(Tape t, Tensor embedding, Tensor weight) {
        return t.apply(new Expand(), embedding, weight);
    }

    @Override
    public String name() {
        return "expand";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        in[0].expect("expand: e", -1, -1, -1);
        Shape embedding = in[0].shape();
        in[1].expect("expand: W", -1, -1, embedding.axis(2));
        return new Spec[] {new Spec(in[0].type(), embedding.plus(in[1].shape().axis(1)), true)};
    }

    @Override
    public double flops(Tensor... in) {
        return 2.0 * in[0].size() * in[1].shape().axis(0) * in[1].shape().axis(1);
    }

    @Override
    public Reference reference() {
        return new ExpandReference();
    }

    @Override
    public Kernel cpu() {
        return new ExpandKernel();
    }

    @Override
    public Kernel cuda() {
        return new ExpandCuda();
    }
}
