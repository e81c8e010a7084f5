package org.deepdelta.tensor;

import java.util.function.Supplier;

/** A device that computes on another one and watches what runs there: everything is handed on, unless the implementation says otherwise. */
public interface WatchingDevice extends Device {

    /** The device that computes. */
    Device watched();

    @Override
    default Device base() {
        return watched().base();
    }

    @Override
    default boolean takes(DType type) {
        return watched().takes(type);
    }

    @Override
    default Memory memory(long bytes) {
        return watched().memory(bytes);
    }

    @Override
    default void fill(Tensor tensor, double value) {
        watched().fill(tensor, value);
    }

    @Override
    default void copy(Tensor from, Tensor to) {
        watched().copy(from, to);
    }

    @Override
    default void add(Tensor from, Tensor into) {
        watched().add(from, into);
    }

    @Override
    default <T> T once(Object key, Supplier<T> make) {
        return watched().once(key, make);
    }
}
