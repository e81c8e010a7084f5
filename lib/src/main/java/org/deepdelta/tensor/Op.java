package org.deepdelta.tensor;

/**
 * An operation: its attributes, how the output follows from the inputs in shape, and who computes it. Each lives in a folder of its own
 * below {@code org.deepdelta.ops} with its {@link Reference} and its kernels side by side.
 *
 * <p>An implementation is a record of the attributes (an eps, a number of heads), so that two equal operations are equal.
 */
public interface Op {

    /** The name under which it is reported, such as {@code delta}. */
    String name();

    /**
     * What the outputs look like.
     *
     * @throws IllegalArgumentException where an input does not fit, naming the argument, the expected and the actual shape
     */
    Spec[] outputs(Tensor... in);

    /**
     * Floating-point operations of the forward pass on such inputs, two a multiply-add. Contractions alone count (matrix products, attention
     * as if it were not causal, the rewrite, compressing and expanding a state), as is the custom; element-wise work counts nothing. The
     * backward pass of each takes twice as many.
     */
    default double flops(Tensor... in) {
        return 0;
    }

    /** The plain ND4J form: the oracle of every test, the double-precision path, and what runs where no kernel exists. */
    Reference reference();

    /** The fused kernel for single precision on the CPU, or null where there is none. */
    default Kernel cpu() {
        return null;
    }

    /** The kernel for CUDA, or null where there is none; then the reference runs on copies in the CPU's memory. */
    default Kernel cuda() {
        return null;
    }
}
