package org.deepdelta.tensor;

/**
 * A fused implementation of an operation on a device's memory. Outputs and gradients arrive uninitialised and are to be written entirely.
 * A kernel holds no state; whatever the backward pass needs goes through {@link Call#save}. It never changes an input, and equal inputs
 * give equal bits.
 */
public interface Kernel {

    /** Whether it computes on such inputs, otherwise the reference does; most kernels take no channel-major states. */
    default boolean takes(Tensor... in) {
        for (Tensor tensor : in) {
            if (tensor.spec().channelMajor()) {
                return false;
            }
        }
        return true;
    }

    /** Computes {@code c.out(i)} from {@code c.in(i)}. */
    void forward(Call c);

    /** Computes the gradient of every input that {@code c.wants(i)} from {@code c.upstream(i)}. */
    void backward(Call c);
}
