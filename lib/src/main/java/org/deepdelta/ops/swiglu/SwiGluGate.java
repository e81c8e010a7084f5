package org.deepdelta.ops.swiglu;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * The gate of a SwiGLU layer on the joined product [a | b]: y = silu(a) b with silu(a) = a / (1 + exp(-a)).
 *
 * <p>Shapes: ab {@code [..., 2m]}, y {@code [..., m]}. Source: Shazeer 2020.
 */
public record SwiGluGate() implements Op {

    /** silu of the first half times the second half. */
    public static Tensor apply(Tape t, Tensor ab) {
        return t.apply(new SwiGluGate(), ab);
    }

    @Override
    public String name() {
        return "swiglu";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        long width = in[0].shape().axis(-1);
        if (width % 2 != 0) {
            throw new IllegalArgumentException("swiglu: ab: expected an even last axis, got " + in[0].shape());
        }
        return new Spec[] {Spec.of(in[0].type(), in[0].shape().withLast(width / 2))};
    }

    @Override
    public Reference reference() {
        return new SwiGluReference();
    }

    @Override
    public Kernel cpu() {
        return new SwiGluKernel();
    }

    @Override
    public Kernel cuda() {
        return new SwiGluCuda();
    }
}
