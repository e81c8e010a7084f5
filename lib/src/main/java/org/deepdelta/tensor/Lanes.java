package org.deepdelta.tensor;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongConsumer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors of floats from and to a tensor's memory, for kernels.
 *
 * <p>What a kernel loads from is an opaque {@link Object}, made by {@link #of} and held in a local variable: a {@link ByteBuffer} on
 * Java 17, a {@code MemorySegment} from Java 22 on. Each Vector API method for the one does not exist in the other JDK, so they are found by
 * name and called through constant method handles, which costs nothing once compiled. A field in place of the local variable costs a third
 * on Java 17, where it is read again after every access. Indices count floats from the start of the tensor; every access is checked.
 *
 * <p>Bits do not depend on when the JIT compiles: {@link #sum} adds in a fixed order, and {@code reduceLanes} and the transcendental lane
 * operators, which do not, are not used anywhere. They do depend on the vector width.
 */
public final class Lanes {
    /** The widest vector of this machine, at most 512 bits. */
    public static final VectorSpecies<Float> SPECIES =
            FloatVector.SPECIES_PREFERRED.length() > 16 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;

    /** Floats in a vector. */
    public static final int WIDTH = SPECIES.length();

    private static final MethodHandle LOAD = loading();
    private static final MethodHandle STORE = storing();
    private static final MethodHandle GET = OffHeap.opaque(OffHeap.ACCESS.get(), float.class, Object.class, long.class);
    private static final MethodHandle SET =
            OffHeap.opaque(OffHeap.ACCESS.set(), void.class, Object.class, long.class, float.class);
    private static final MethodHandle GET_INT =
            OffHeap.opaque(OffHeap.ACCESS.getInt(), int.class, Object.class, long.class);

    private Lanes() {}

    /**
     * The elements of a tensor of type F32 or I32.
     *
     * @throws UnsupportedOperationException on Java 17 to 21 for a tensor of 2 GiB or more
     */
    public static Object of(Tensor tensor) {
        if (tensor.type().bytes() != Float.BYTES) {
            throw new IllegalArgumentException("lanes: expected a tensor of type F32 or I32, got " + tensor.spec());
        }
        return tensor.memory().window(tensor.offset(), tensor.spec().bytes());
    }

    /** {@link #WIDTH} floats from {@code index} on. */
    public static FloatVector load(Object floats, long index) {
        try {
            return (FloatVector) LOAD.invokeExact(floats, index << 2);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** Writes {@link #WIDTH} floats from {@code index} on. */
    public static void store(Object floats, long index, FloatVector v) {
        try {
            STORE.invokeExact(v, floats, index << 2);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** The first {@code count} lanes from {@code index} on, zeros above: all of them within a row, fewer at its end. */
    public static FloatVector load(Object floats, long index, int count) {
        return count >= WIDTH
                ? load(floats, index)
                : FloatVector.fromArray(SPECIES, loadEnd(floats, index, new float[WIDTH], count), 0);
    }

    /** Writes the first {@code count} lanes only. */
    public static void store(Object floats, long index, FloatVector v, int count) {
        if (count >= WIDTH) {
            store(floats, index, v);
        } else {
            putEnd(floats, index, array(v), count, false);
        }
    }

    /** Writes the first {@code count} lanes, or adds them to what is there. */
    public static void put(Object floats, long index, FloatVector v, int count, boolean add) {
        if (count >= WIDTH) {
            store(floats, index, add ? load(floats, index).add(v) : v);
        } else {
            putEnd(floats, index, array(v), count, add);
        }
    }

    private static float[] array(FloatVector v) {
        float[] lanes = new float[WIDTH];
        v.intoArray(lanes, 0);
        return lanes;
    }

    /** Writes a scratch row of {@link #padded} length, or adds it to what is there. */
    public static void putRow(float[] row, int from, Object floats, long index, int count, boolean add) {
        for (int i = 0; i < count; i += WIDTH) {
            put(floats, index + i, FloatVector.fromArray(SPECIES, row, from + i), count - i, add);
        }
    }

    /** sums += a b, element by element, in a scratch row of {@link #padded} length. */
    public static void addProduct(Object a, long atA, Object b, long atB, float[] sums, int at, int count) {
        for (int i = 0; i < count; i += WIDTH) {
            FloatVector old = FloatVector.fromArray(SPECIES, sums, at + i);
            load(a, atA + i, count - i).fma(load(b, atB + i, count - i), old).intoArray(sums, at + i);
        }
    }

    // What handles a row's end is called rather than inlined, and takes and gives arrays: a vector that crosses a call
    // is an object, which would
    // then be made for every vector of the row. It calls itself because the JIT inlines a recursion but once: with a
    // loop in it, load and store
    // grew, in some runs and not in others, beyond the size (InlineSmallCode) from which they are not inlined into any
    // kernel themselves.

    private static float[] loadEnd(Object floats, long index, float[] lanes, int count) {
        if (count > 0) {
            lanes[count - 1] = get(floats, index + count - 1);
            loadEnd(floats, index, lanes, count - 1);
        }
        return lanes;
    }

    private static void putEnd(Object floats, long index, float[] lanes, int count, boolean add) {
        if (count > 0) {
            long last = index + count - 1;
            set(floats, last, add ? get(floats, last) + lanes[count - 1] : lanes[count - 1]);
            putEnd(floats, index, lanes, count - 1, add);
        }
    }

    /** The smallest multiple of {@link #WIDTH} that is at least n: the length of a scratch row that whole vectors fit. */
    public static int padded(int n) {
        return (n + WIDTH - 1) / WIDTH * WIDTH;
    }

    /** One float. */
    public static float get(Object floats, long index) {
        try {
            return (float) GET.invokeExact(floats, index << 2);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** Writes one float. */
    public static void set(Object floats, long index, float value) {
        try {
            SET.invokeExact(floats, index << 2, value);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** One integer. */
    public static int getInt(Object ints, long index) {
        try {
            return (int) GET_INT.invokeExact(ints, index << 2);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** The same number in every lane. */
    public static FloatVector all(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    /** Zeros. */
    public static FloatVector zero() {
        return FloatVector.zero(SPECIES);
    }

    /** The sum of all lanes: halves are added until one lane is left. */
    public static float sum(FloatVector v) {
        return switch (WIDTH) {
            case 16 ->
                (pair(v, 0, 8) + pair(v, 4, 8) + (pair(v, 2, 8) + pair(v, 6, 8)))
                        + (pair(v, 1, 8) + pair(v, 5, 8) + (pair(v, 3, 8) + pair(v, 7, 8)));
            case 8 -> (pair(v, 0, 4) + pair(v, 2, 4)) + (pair(v, 1, 4) + pair(v, 3, 4));
            case 4 -> pair(v, 0, 2) + pair(v, 1, 2);
            default -> pair(v, 0, 1);
        };
    }

    /** A lane and the one {@code half} further: constants once inlined, which makes reading a lane cheap. */
    private static float pair(FloatVector v, int lane, int half) {
        return v.lane(lane) + v.lane(lane + half);
    }

    /** The inner product of n floats with n others. */
    public static float dot(Object a, long atA, Object b, long atB, int n) {
        FloatVector even = zero();
        FloatVector odd = zero();
        int i = 0;
        for (; i + 2 * WIDTH <= n; i += 2 * WIDTH) {
            even = load(a, atA + i).fma(load(b, atB + i), even);
            odd = load(a, atA + i + WIDTH).fma(load(b, atB + i + WIDTH), odd);
        }
        for (; i < n; i += WIDTH) {
            even = load(a, atA + i, n - i).fma(load(b, atB + i, n - i), even);
        }
        return sum(even.add(odd));
    }

    /** The largest lane. */
    public static float max(FloatVector v) {
        float[] lanes = array(v);
        float max = lanes[0];
        for (int i = 1; i < WIDTH; i++) {
            max = Math.max(max, lanes[i]);
        }
        return max;
    }

    /**
     * Runs a body for every row, 0 to count - 1 in order. All kernels share this loop, so that the JIT compiles each body on its own instead
     * of inlining it into its caller until its limit is reached in mid-loop, behind which vectors would become objects.
     */
    public static void rows(long count, LongConsumer body) {
        for (long row = 0; row < count; row++) {
            row(row, body);
        }
    }

    /**
     * Runs a body for one row. What a kernel does to a row in several loops it hands over one loop at a time, so that each is compiled on its
     * own; together they would reach the JIT's limit. A body should be made once, not for every row.
     */
    public static void row(long row, LongConsumer body) {
        body.accept(row);
    }

    private static RuntimeException unchecked(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException known ? known : new IllegalStateException(e);
    }

    private static MethodHandle loading() {
        Class<?> window = OffHeap.ACCESS.window();
        MethodType type = MethodType.methodType(
                FloatVector.class, VectorSpecies.class, window, OffHeap.ACCESS.offset(), ByteOrder.class);
        try {
            MethodHandle from =
                    MethodHandles.publicLookup().findStatic(FloatVector.class, "from" + window.getSimpleName(), type);
            MethodHandle bound = MethodHandles.insertArguments(from, 3, ByteOrder.nativeOrder());
            return OffHeap.opaque(
                    MethodHandles.insertArguments(bound, 0, SPECIES), FloatVector.class, Object.class, long.class);
        } catch (ReflectiveOperationException e) {
            throw OffHeap.unknown(e);
        }
    }

    private static MethodHandle storing() {
        Class<?> window = OffHeap.ACCESS.window();
        MethodType type = MethodType.methodType(void.class, window, OffHeap.ACCESS.offset(), ByteOrder.class);
        try {
            MethodHandle into =
                    MethodHandles.publicLookup().findVirtual(FloatVector.class, "into" + window.getSimpleName(), type);
            MethodHandle bound = MethodHandles.insertArguments(into, 3, ByteOrder.nativeOrder());
            return OffHeap.opaque(bound, void.class, FloatVector.class, Object.class, long.class);
        } catch (ReflectiveOperationException e) {
            throw OffHeap.unknown(e);
        }
    }
}
