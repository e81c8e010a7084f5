package org.deepdelta.tensor;

/**
 * Type, shape and physical order of a tensor.
 *
 * @param type element type
 * @param shape axes as a person sees them; a state is {@code [B, T, d, dv]}
 * @param channelMajor whether the last two axes are stored swapped, as the CPU keeps states: all d features of a value channel side by side
 */
public record Spec(DType type, Shape shape, boolean channelMajor) {

    /** A row-major tensor. */
    public static Spec of(DType type, Shape shape) {
        return new Spec(type, shape, false);
    }

    /** Size in memory. */
    public long bytes() {
        return shape.size() * type.bytes();
    }

    @Override
    public String toString() {
        return type + " " + shape + (channelMajor ? " channel-major" : "");
    }
}
