package org.deepdelta.ops.linear;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * The affine map y = x W' + b over the last axis, with W stored (out, in) as the authors do.
 *
 * <p>Shapes: x {@code [..., n]}, W {@code [m, n]}, b {@code [m]} or absent, y {@code [..., m]}.
 */
public record Linear() implements Op {

    /** y = x W'. */
    public static Tensor apply(Tape t, Tensor x, Tensor weight) {
        return t.apply(new Linear(), x, weight);
    }

    /** y = x W' + b; without a bias if it is null. */
    public static Tensor apply(Tape t, Tensor x, Tensor weight, Tensor bias) {
        return bias == null ? apply(t, x, weight) : t.apply(new Linear(), x, weight, bias);
    }

    @Override
    public String name() {
        return "linear";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        long n = in[0].shape().axis(-1);
        in[1].expect("linear: weight", -1, n);
        long m = in[1].shape().axis(0);
        if (in.length > 2) {
            in[2].expect("linear: bias", m);
        }
        return new Spec[] {Spec.of(in[0].type(), in[0].shape().withLast(m))};
    }

    @Override
    public double flops(Tensor... in) {
        return 2.0 * in[0].size() * in[1].shape().axis(0);
    }

    @Override
    public Reference reference() {
        return new LinearReference();
    }

    @Override
    public Kernel cpu() {
        return new LinearKernel();
    }

    @Override
    public Kernel cuda() {
        return new LinearCuda();
    }
}
