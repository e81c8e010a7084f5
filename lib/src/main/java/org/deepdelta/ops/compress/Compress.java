package org.deepdelta.ops.compress;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Reads a vector from an expanded state, Sec. 3.2: x_t[i] = sum over s and j of W[s, j, i] X_{t-(K-1)+s}[i, j], with zeros before each
 * sequence. Every feature has weights of its own and sees no other. K = 1 combines the value channels of a token (CC), K &gt; 1 also those
 * of the K - 1 tokens before it (TC); the last tap is the current token.
 *
 * <p>Shapes: X {@code [B, T, d, dv]}, stored channel-major; W {@code [K, dv, d]}; x {@code [B, T, d]}.
 */
public record Compress() implements Op {

    /** Compresses the state. */
    public static Tensor apply(Tape t, Tensor state, Tensor weight) {
        return t.apply(new Compress(), t.store(state, true), weight);
    }

    @Override
    public String name() {
        return "compress";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        in[0].expect("compress: X", -1, -1, -1, -1);
        Shape state = in[0].shape();
        in[1].expect("compress: W", -1, state.axis(3), state.axis(2));
        return new Spec[] {Spec.of(in[0].type(), state.withoutLast())};
    }

    @Override
    public double flops(Tensor... in) {
        return 2.0 * in[0].size() * in[1].shape().axis(0);
    }

    @Override
    public Reference reference() {
        return new CompressReference();
    }

    @Override
    public Kernel cpu() {
        return new CompressKernel();
    }

    @Override
    public Kernel cuda() {
        return new CompressCuda();
    }
}
