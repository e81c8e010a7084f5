package org.deepdelta.ops.gradientsum;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * The sum of the shards' gradients, in the order of the shards, and its squared Euclidean norm, summed in double over blocks of fixed
 * size: the same bits on any number of threads.
 *
 * <p>Shapes: shards {@code [n]} each, sum {@code [n]} (may be the first shard), squared norm a scalar.
 */
public record GradientSum() implements Op {

    /** Adds all shards into the first and returns the squared norm of the sum. */
    public static double intoFirst(Tape t, Tensor... shards) {
        Tensor squared = t.allocate(Spec.of(shards[0].type(), Shape.of()));
        t.run(new GradientSum(), shards, shards[0], squared);
        return squared.item();
    }

    @Override
    public String name() {
        return "gradient_sum";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        for (Tensor shard : in) {
            shard.expect("gradient_sum: shard", in[0].size());
        }
        return new Spec[] {in[0].spec(), Spec.of(in[0].type(), Shape.of())};
    }

    @Override
    public Reference reference() {
        return new GradientSumReference();
    }

    @Override
    public Kernel cpu() {
        return new GradientSumKernel();
    }

    @Override
    public Kernel cuda() {
        return new GradientSumCuda();
    }
}
