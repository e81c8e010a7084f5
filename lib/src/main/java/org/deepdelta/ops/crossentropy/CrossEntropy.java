package org.deepdelta.ops.crossentropy;

import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Cross entropy in nats: the sum of -log softmax(logits)[target] over all positions with a target, divided by a count.
 *
 * <p>Shapes: logits {@code [..., V]}, targets I32 {@code [...]}, loss a scalar, in F32 also for logits in BF16. Targets of {@value #IGNORE} count nothing.
 *
 * @param count what the sum is divided by: the number of targets in the whole batch gives its mean, also when the batch is cut in shards
 * @param consumes whether kernels may overwrite the logits with their gradient, as soon as in the forward pass of a tape that is recording:
 *     then nothing else may read the logits, in either direction, and the tape is walked back once
 */
public record CrossEntropy(double count, boolean consumes) implements Op {
    /** The target of a position that is not scored. */
    public static final int IGNORE = -1;

    /** That leaves the logits as they are. */
    public CrossEntropy(double count) {
        this(count, false);
    }

    /** The loss, a scalar. */
    public static Tensor apply(Tape t, Tensor logits, Tensor targets, double count) {
        return t.apply(new CrossEntropy(count), logits, targets);
    }

    /** The same of logits that nothing else reads and that need not outlive it, see {@link #consumes}. */
    public static Tensor consume(Tape t, Tensor logits, Tensor targets, double count) {
        return t.apply(new CrossEntropy(count, true), logits, targets);
    }

    @Override
    public String name() {
        return "cross_entropy";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        in[1].expect("cross_entropy: targets", in[0].shape().withoutLast().toArray());
        if (in[1].type() != DType.I32) {
            throw new IllegalArgumentException("cross_entropy: targets: expected I32, got " + in[1].spec());
        }
        DType type = in[0].type() == DType.BF16 ? DType.F32 : in[0].type();
        return new Spec[] {Spec.of(type, Shape.of())};
    }

    @Override
    public Reference reference() {
        return new CrossEntropyReference(count);
    }

    @Override
    public Kernel cpu() {
        return new CrossEntropyKernel(count);
    }

    @Override
    public Kernel cuda() {
        return new CrossEntropyCuda(count, consumes);
    }

    /** The exception for a target that is neither a class nor {@value #IGNORE}. */
    static IndexOutOfBoundsException outside(long position, int target, long classes) {
        return new IndexOutOfBoundsException("cross_entropy: target " + target + " at position " + position
                + ": expected " + IGNORE + " or 0 to " + (classes - 1));
    }
}
