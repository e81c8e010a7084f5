package org.deepdelta.ops.streams;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Mixes n streams into m, and adds one more vector to each: H' = A'H + b y', per token.
 *
 * <p>Shapes: H {@code [B, T, n, d]}; A {@code [B, T, n, m]}, or {@code [n, m]} for the same in every token; y {@code [B, T, d]} and b
 * {@code [B, T, m, 1]} or {@code [m, 1]}, or neither; H' {@code [B, T, m, d]}. With m = 1 it reads streams, with n = 1 it makes them.
 * Source: the two products of Hyper-Connections (Zhu et al. 2025).
 */
public record Streams() implements Op {

    /** A'H. */
    public static Tensor mix(Tape t, Tensor streams, Tensor a) {
        return t.apply(new Streams(), t.store(streams, false), a);
    }

    /** A'H + b y'. */
    public static Tensor mix(Tape t, Tensor streams, Tensor a, Tensor b, Tensor y) {
        return t.apply(new Streams(), t.store(streams, false), a, b, y);
    }

    @Override
    public String name() {
        return "streams";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        in[0].expect("streams: H", -1, -1, -1, -1);
        Shape h = in[0].shape();
        long m = in[1].shape().axis(-1);
        coefficient("streams: A", in[1], h, h.axis(2), m);
        if (in.length > 2) {
            coefficient("streams: b", in[2], h, m, 1);
            in[3].expect("streams: y", h.axis(0), h.axis(1), h.axis(3));
        }
        return new Spec[] {Spec.of(in[0].type(), Shape.of(h.axis(0), h.axis(1), m, h.axis(3)))};
    }

    private static void coefficient(String name, Tensor c, Shape h, long rows, long columns) {
        if (c.shape().rank() == 2) {
            c.expect(name, rows, columns);
        } else {
            c.expect(name, h.axis(0), h.axis(1), rows, columns);
        }
    }

    @Override
    public double flops(Tensor... in) {
        double one = in[0].size() * 2.0 * in[1].shape().axis(-1);
        return in.length == 2 ? one : one + 2.0 * in[3].size() * in[1].shape().axis(-1);
    }

    @Override
    public Reference reference() {
        return new StreamsReference();
    }

    @Override
    public Kernel cpu() {
        return new StreamsKernel();
    }

    @Override
    public Kernel cuda() {
        return new StreamsCuda();
    }
}
