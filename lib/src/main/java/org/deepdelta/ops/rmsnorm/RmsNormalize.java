package org.deepdelta.ops.rmsnorm;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Root-mean-square normalisation over the last axis: y = w x / sqrt(mean(x^2) + eps), the eps inside the root.
 *
 * <p>Shapes: x {@code [..., n]}, w {@code [n]}, y as x. Source: Zhang and Sennrich 2019, as the authors use it (eps 1e-5).
 *
 * @param eps added to the mean square
 */
public record RmsNormalize(double eps) implements Op {

    /** Normalises every row of x. */
    public static Tensor apply(Tape t, Tensor x, Tensor weight, double eps) {
        return t.apply(new RmsNormalize(eps), x, weight);
    }

    @Override
    public String name() {
        return "rmsnorm";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        in[1].expect("rmsnorm: weight", in[0].shape().axis(-1));
        return new Spec[] {in[0].spec()};
    }

    @Override
    public Reference reference() {
        return new RmsNormReference(eps);
    }

    @Override
    public Kernel cpu() {
        return new RmsNormKernel(eps);
    }

    @Override
    public Kernel cuda() {
        return new RmsNormCuda(eps);
    }
}
