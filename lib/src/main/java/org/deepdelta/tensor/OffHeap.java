package org.deepdelta.tensor;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A JDK's way to memory outside the heap, found by name because source that compiles on Java 17 cannot say it: a <em>window</em> on a part
 * of a block is a {@code MemorySegment} from Java 22 on and a {@link ByteBuffer} before. Windows keep nothing alive: the block must outlive them.
 *
 * @param window the class of windows
 * @param offset the type of byte offsets in a window
 * @param open (long address, long bytes) to a segment; null with byte buffers
 * @param slice (segment, long from, long bytes) to a segment; null with byte buffers
 * @param get (Object window, long byteOffset) to float
 * @param set (Object window, long byteOffset, float)
 * @param getInt (Object window, long byteOffset) to int
 */
record OffHeap(
        Class<?> window,
        Class<?> offset,
        MethodHandle open,
        MethodHandle slice,
        MethodHandle get,
        MethodHandle set,
        MethodHandle getInt) {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    /** This JVM's. */
    static final OffHeap ACCESS = Runtime.version().feature() >= 22 ? segments() : buffers();

    /** Whether a single window can span that many bytes. */
    boolean spans(long bytes) {
        return open != null || bytes <= Integer.MAX_VALUE;
    }

    /**
     * A window on memory.
     *
     * @throws UnsupportedOperationException if this JDK cannot span that many bytes
     */
    Object open(long address, long bytes) {
        if (!spans(bytes)) {
            throw new UnsupportedOperationException("a tensor of " + bytes + " bytes: kernels on Java "
                    + Runtime.version().feature() + " reach " + Integer.MAX_VALUE + ", Java 22 and newer any size");
        }
        if (open == null) {
            return new Place(address, bytes).asByteBuffer().order(ByteOrder.nativeOrder());
        }
        try {
            return open.invoke(address, bytes);
        } catch (Throwable e) {
            throw new IllegalStateException("no window on memory outside the heap", e);
        }
    }

    /** Part of a window. */
    Object part(Object whole, long from, long bytes) {
        if (whole instanceof ByteBuffer buffer) {
            return buffer.slice((int) from, (int) bytes).order(ByteOrder.nativeOrder());
        }
        try {
            return slice.invoke(whole, from, bytes);
        } catch (Throwable e) {
            throw new IllegalStateException("no window on memory outside the heap", e);
        }
    }

    private static final class Place extends BytePointer {
        Place(long address, long bytes) {
            super((Pointer) null);
            this.address = address;
            this.limit = bytes;
            this.capacity = bytes;
        }
    }

    private static OffHeap buffers() {
        try {
            return new OffHeap(
                    ByteBuffer.class,
                    int.class,
                    null,
                    null,
                    virtual(ByteBuffer.class, "getFloat", float.class, int.class),
                    virtual(ByteBuffer.class, "putFloat", ByteBuffer.class, int.class, float.class),
                    virtual(ByteBuffer.class, "getInt", int.class, int.class));
        } catch (ReflectiveOperationException e) {
            throw unknown(e);
        }
    }

    private static OffHeap segments() {
        try {
            Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
            Class<?> layout = Class.forName("java.lang.foreign.ValueLayout");
            Class<?> ofFloat = Class.forName("java.lang.foreign.ValueLayout$OfFloat");
            Class<?> ofInt = Class.forName("java.lang.foreign.ValueLayout$OfInt");
            Object floats = layout.getField("JAVA_FLOAT").get(null);
            Object ints = layout.getField("JAVA_INT").get(null);
            MethodHandle address = LOOKUP.findStatic(segment, "ofAddress", MethodType.methodType(segment, long.class));
            MethodHandle span = LOOKUP.findVirtual(segment, "reinterpret", MethodType.methodType(segment, long.class));
            return new OffHeap(
                    segment,
                    long.class,
                    MethodHandles.collectArguments(span, 0, address),
                    virtual(segment, "asSlice", segment, long.class, long.class),
                    constant(floats, virtual(segment, "get", float.class, ofFloat, long.class)),
                    constant(floats, virtual(segment, "set", void.class, ofFloat, long.class, float.class)),
                    constant(ints, virtual(segment, "get", int.class, ofInt, long.class)));
        } catch (ReflectiveOperationException e) {
            throw unknown(e);
        }
    }

    /** The same handle with window as Object, offset as long, and no result from a write. */
    static MethodHandle opaque(MethodHandle handle, Class<?> result, Class<?>... parameters) {
        return MethodHandles.explicitCastArguments(handle, MethodType.methodType(result, parameters));
    }

    private static MethodHandle virtual(Class<?> owner, String name, Class<?> result, Class<?>... parameters)
            throws ReflectiveOperationException {
        return LOOKUP.findVirtual(owner, name, MethodType.methodType(result, parameters));
    }

    private static MethodHandle constant(Object layout, MethodHandle access) {
        return MethodHandles.insertArguments(access, 1, layout);
    }

    static IllegalStateException unknown(ReflectiveOperationException e) {
        return new IllegalStateException(
                "Java " + Runtime.version() + " has no access to memory outside the heap that is known here", e);
    }
}
