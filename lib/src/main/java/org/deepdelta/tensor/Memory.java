package org.deepdelta.tensor;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A block of a device's memory, with 64-bit sizes. */
public abstract class Memory implements AutoCloseable {

    /** For a device's own kind. */
    protected Memory() {}

    /** Size. */
    public abstract long bytes();

    /** Where it begins, as its device counts: a multiple of 64. */
    public abstract long address();

    /** A pointer to a byte, for native calls. */
    public Pointer at(long offset) {
        return new Place(address() + offset);
    }

    /** Copies bytes in, once everything that was asked of the device before is done. */
    protected abstract void put(long offset, ByteBuffer bytes);

    /** Copies bytes out, filling the buffer, once everything that was asked of the device before is done. */
    protected abstract void get(long offset, ByteBuffer bytes);

    /** Where it is, for messages. */
    protected abstract String place();

    /** Gives the memory back. */
    @Override
    public abstract void close();

    /** A part of this memory for {@link Lanes}, valid until this memory is closed. */
    Object window(long offset, long length) {
        throw outside("a kernel of the CPU");
    }

    /** Whether ND4J's arrays can lie in it. */
    boolean holdsArrays() {
        return false;
    }

    /** A part of this memory as an ND4J array, without a copy. */
    INDArray array(DType type, long offset, long[] shape, long[] strides) {
        throw outside("Tensor.view()");
    }

    /** A pointer that owns nothing. */
    private static final class Place extends BytePointer {
        Place(long address) {
            super((Pointer) null);
            this.address = address;
        }
    }

    private UnsupportedOperationException outside(String who) {
        return new UnsupportedOperationException(who + " needs memory of the CPU, this is " + place()
                + ": take a copy by Tensor.toArray() or toDoubles()");
    }
}
