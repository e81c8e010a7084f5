package org.deepdelta.tensor;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A block of the CPU's memory outside the Java heap. */
final class HostMemory extends Memory {
    /** A cache line: a vector that lies across two costs twice. */
    private static final long ALIGN = 64;

    private final BytePointer block;
    private final long bytes;
    private final long start;
    private final Object whole;
    private final boolean arrays;

    /** With {@code arrays} false where ND4J computes elsewhere, on a GPU: then its arrays are copies. */
    HostMemory(long bytes, boolean arrays) {
        this.bytes = bytes;
        this.arrays = arrays;
        this.block = new BytePointer(bytes + ALIGN);
        this.start = -block.address() & (ALIGN - 1);
        this.whole = OffHeap.ACCESS.spans(bytes) ? OffHeap.ACCESS.open(address(), bytes) : null;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public long address() {
        return block.address() + start;
    }

    @Override
    public Pointer at(long offset) {
        return block.getPointer(start + offset);
    }

    @Override
    Object window(long offset, long length) {
        if (offset < 0 || length < 0 || offset + length > bytes) {
            throw new IndexOutOfBoundsException("bytes " + offset + " to " + (offset + length) + " of " + bytes);
        }
        if (block.isNull()) {
            throw new IllegalStateException("this memory was closed");
        }
        return whole == null
                ? OffHeap.ACCESS.open(address() + offset, length)
                : OffHeap.ACCESS.part(whole, offset, length);
    }

    @Override
    protected void put(long offset, ByteBuffer from) {
        byte[] copy = new byte[from.remaining()];
        from.get(copy);
        new BytePointer(at(offset)).put(copy, 0, copy.length);
    }

    @Override
    protected void get(long offset, ByteBuffer to) {
        byte[] copy = new byte[to.remaining()];
        new BytePointer(at(offset)).get(copy, 0, copy.length);
        to.put(copy);
    }

    @Override
    protected String place() {
        return "the CPU's";
    }

    @Override
    boolean holdsArrays() {
        return arrays;
    }

    @Override
    INDArray array(DType type, long offset, long[] shape, long[] strides) {
        if (!arrays) {
            throw new UnsupportedOperationException(
                    "Tensor.view() needs ND4J's CPU backend: take a copy by Tensor.toArray() or toDoubles()");
        }
        long span = 1;
        for (int i = 0; i < shape.length; i++) {
            span += (shape[i] - 1) * strides[i];
        }
        Pointer start =
                switch (type) {
                    case F64 -> new DoublePointer(at(offset));
                    case F32 -> new FloatPointer(at(offset));
                    case I32 -> new IntPointer(at(offset));
                    case BF16 -> throw new UnsupportedOperationException("bf16 has no ND4J form on the CPU");
                };
        return Nd4j.create(Nd4j.createBuffer(start, span, type.nd4j()), shape, strides, 0, 'c', type.nd4j());
    }

    @Override
    public void close() {
        block.close();
    }
}
