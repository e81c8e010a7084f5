package org.deepdelta.ops.sinkhorn;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Sinkhorn and Knopp's normalisation of every matrix: M = exp(L - column maximum), then {@code rounds} times: divide the columns by their
 * sums, then the rows by theirs. At the end the rows sum to one to rounding; how far the columns are from it depends on L and the rounds.
 *
 * <p>Shapes: L and M {@code [..., n, n]}. Source: Sinkhorn and Knopp 1967, as mHC (Xie et al. 2025) uses it, with 20 rounds.
 *
 * @param rounds at least 1
 */
public record Sinkhorn(int rounds) implements Op {

    /** Checks the range. */
    public Sinkhorn {
        if (rounds < 1) {
            throw new IllegalArgumentException("sinkhorn: rounds: expected at least 1, got " + rounds);
        }
    }

    /** Normalises the matrices of the last two axes. */
    public static Tensor apply(Tape t, Tensor logits, int rounds) {
        return t.apply(new Sinkhorn(rounds), t.store(logits, false));
    }

    @Override
    public String name() {
        return "sinkhorn";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        Shape shape = in[0].shape();
        if (shape.rank() < 2 || shape.axis(-1) != shape.axis(-2)) {
            throw new IllegalArgumentException("sinkhorn: L: expected [..., n, n], got " + shape);
        }
        return new Spec[] {Spec.of(in[0].type(), shape)};
    }

    @Override
    public Reference reference() {
        return new SinkhornReference(rounds);
    }

    @Override
    public Kernel cpu() {
        return new SinkhornKernel(rounds);
    }

    @Override
    public Kernel cuda() {
        return new SinkhornCuda(rounds);
    }
}
