package org.deepdelta.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An immutable handle on numbers in a device's memory: type, shape, place. Persistent tensors (parameters, gradients, moments) live as long
 * as their device; step tensors come from an {@link Arena} and die with its reset, after which every use throws.
 *
 * <p>Elements are contiguous. Everything a person sees is row-major; a state {@code [B, T, d, dv]} may be stored channel-major
 * ({@link Spec#channelMajor}), which only the state's operations notice.
 */
public final class Tensor {
    private final Spec spec;
    private final Memory memory;
    private final long offset;
    private final Arena arena;
    private final long generation;
    private final Tensor root;
    private final Tensor follower;

    Tensor(Spec spec, Memory memory, long offset, Arena arena) {
        this(spec, memory, offset, arena, null, null);
    }

    private Tensor(Spec spec, Memory memory, long offset, Arena arena, Tensor root, Tensor follower) {
        this.spec = spec;
        this.memory = memory;
        this.offset = offset;
        this.arena = arena;
        this.generation = arena == null ? 0 : arena.generation();
        this.root = root == null ? this : root;
        this.follower = follower;
    }

    /** Type, shape and order. */
    public Spec spec() {
        return spec;
    }

    /** Element type. */
    public DType type() {
        return spec.type();
    }

    /** Axis sizes. */
    public Shape shape() {
        return spec.shape();
    }

    /** Number of elements. */
    public long size() {
        return spec.shape().size();
    }

    /**
     * The block of memory that holds this tensor, for kernels.
     *
     * @throws IllegalStateException if the step that it belonged to is over
     */
    public Memory memory() {
        if (arena != null && arena.generation() != generation) {
            throw new IllegalStateException(
                    "tensor " + spec + " belongs to a step that is over: copy what should outlive Arena.reset()");
        }
        return memory;
    }

    /** Where it begins in {@link #memory}, in bytes. */
    public long offset() {
        return offset;
    }

    /** Where it begins in {@link #memory}, in elements. */
    public long index() {
        return offset / spec.type().bytes();
    }

    /**
     * The same elements under another shape, without a copy. To a tape both are one tensor: they share their gradient.
     *
     * @throws IllegalArgumentException if the number of elements differs or the storage is channel-major
     */
    public Tensor as(Shape shape) {
        if (shape.size() != size()) {
            throw new IllegalArgumentException(
                    "cannot see " + spec + " as " + shape + ": " + size() + " elements, not " + shape.size());
        }
        if (spec.channelMajor()) {
            throw new IllegalArgumentException("cannot reshape " + spec + ": it is stored channel-major");
        }
        return new Tensor(Spec.of(type(), shape), memory(), offset, arena, root, null);
    }

    /** The tensor that this one is another shape of, by {@link #as}; itself if it is none. */
    Tensor root() {
        return root;
    }

    /** Rows {@code from} to {@code to} (exclusive) of the first axis, sharing this tensor's memory. */
    public Tensor rows(long from, long to) {
        if (spec.channelMajor() || shape().rank() == 0 || from < 0 || from > to || to > shape().axis(0)) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "rows %d to %d of %s", from, to, spec));
        }
        long[] sizes = shape().toArray();
        sizes[0] = to - from;
        long row = shape().axis(0) == 0 ? 0 : size() / shape().axis(0);
        return new Tensor(Spec.of(type(), Shape.of(sizes)), memory(), offset + from * row * type().bytes(), arena);
    }

    /**
     * Checks this tensor's shape.
     *
     * @param what the operation and argument for the message, such as {@code "delta: k"}
     * @param sizes the expected axes; -1 fits any size
     * @return this tensor
     * @throws IllegalArgumentException with what, expected and actual shape
     */
    public Tensor expect(String what, long... sizes) {
        boolean fits = sizes.length == shape().rank();
        for (int i = 0; fits && i < sizes.length; i++) {
            fits = sizes[i] < 0 || sizes[i] == shape().axis(i);
        }
        if (!fits) {
            String expected = Arrays.toString(sizes).replace("-1", "*");
            throw new IllegalArgumentException(what + ": expected " + expected + ", got " + shape());
        }
        return this;
    }

    /** A contiguous part of the elements under a shape of its own, sharing this tensor's memory. */
    public Tensor part(long fromElement, Shape shape) {
        if (fromElement < 0 || fromElement + shape.size() > size()) {
            throw new IllegalArgumentException("part " + shape + " at element " + fromElement + " of " + spec);
        }
        return new Tensor(Spec.of(type(), shape), memory(), offset + fromElement * type().bytes(), arena);
    }

    /** This tensor under a handle whose {@link #set} methods set another one of the same shape too, in its type; kernels don't. */
    public Tensor followedBy(Tensor copy) {
        copy.expect("follower", shape().toArray());
        return new Tensor(spec, memory(), offset, arena, root, copy);
    }

    /** Ends a set. */
    private Tensor followed() {
        if (follower != null) {
            follower.set(toDoubles());
        }
        return this;
    }

    /** A copy as an ND4J array, row-major; of bf16 and of a device's memory a copy in a type that ND4J's CPU has. */
    public INDArray toArray() {
        if (memory().holdsArrays() && type() != DType.BF16) {
            return view().dup('c');
        }
        DataType copied = type() == DType.BF16 ? DataType.FLOAT : type().nd4j();
        return size() == 0
                ? Nd4j.empty(copied)
                : Nd4j.createFromArray(toDoubles()).reshape(shape().toArray()).castTo(copied);
    }

    /**
     * This tensor's own memory as an ND4J array, without a copy: writing to it writes to the tensor, and it must not be used after the
     * tensor's step or device is gone. For references and tests; everything else wants {@link #toArray}.
     *
     * @throws UnsupportedOperationException if the memory is not the CPU's, ND4J's backend is not the CPU's, or bf16
     */
    public INDArray view() {
        long[] sizes = shape().toArray();
        if (sizes.length == 0) {
            return memory().array(type(), offset, new long[] {1}, new long[] {1})
                    .reshape();
        }
        long[] strides = new long[sizes.length];
        long step = 1;
        for (int i = sizes.length - 1; i >= 0; i--) {
            strides[i] = step;
            step *= sizes[i];
        }
        if (spec.channelMajor()) {
            strides[sizes.length - 1] = sizes[sizes.length - 2];
            strides[sizes.length - 2] = 1;
        }
        return memory().array(type(), offset, sizes, strides);
    }

    /** All elements in row-major order, widened to double. */
    public double[] toDoubles() {
        return Elements.read(this);
    }

    /** All elements in row-major order, little-endian, as they lie in memory. */
    ByteBuffer toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(spec.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        if (spec.channelMajor()) {
            throw new IllegalStateException("cannot write " + spec + ": store it row-major first");
        }
        memory().get(offset, bytes);
        return bytes.flip();
    }

    /** Overwrites every element from little-endian bytes in row-major order. */
    public Tensor set(ByteBuffer bytes) {
        if (bytes.remaining() != spec.bytes() || spec.channelMajor()) {
            throw new IllegalArgumentException("cannot set " + spec + " from " + bytes.remaining() + " bytes");
        }
        memory().put(offset, bytes);
        return followed();
    }

    /**
     * The only element, as a double.
     *
     * @throws IllegalStateException if there is more than one
     */
    public double item() {
        if (size() != 1) {
            throw new IllegalStateException("item() of " + spec + ": not a single element");
        }
        return toDoubles()[0];
    }

    /** Overwrites every element; the shape must be this tensor's, the type is converted. */
    public Tensor set(INDArray values) {
        if (!Shape.of(values.shape()).equals(shape()) && values.length() != size()) {
            throw new IllegalArgumentException("cannot set " + spec + " from " + Shape.of(values.shape()));
        }
        if (size() == 0) {
            return this;
        }
        if (!memory().holdsArrays() || type() == DType.BF16) {
            return set(values.castTo(DataType.DOUBLE).dup('c').data().asDouble());
        }
        INDArray mine = view();
        INDArray typed = values.dataType() == type().nd4j() ? values : values.castTo(type().nd4j());
        mine.assign(typed.rank() == mine.rank() ? typed : typed.reshape(mine.shape()));
        return followed();
    }

    /** Overwrites every element, given in row-major order. */
    public Tensor set(double... values) {
        if (values.length != size()) {
            throw new IllegalArgumentException("cannot set " + spec + " from " + values.length + " values");
        }
        Elements.write(this, i -> values[i]);
        return followed();
    }

    /** Overwrites every element, given in row-major order. */
    public Tensor set(int... values) {
        if (values.length != size()) {
            throw new IllegalArgumentException("cannot set " + spec + " from " + values.length + " integers");
        }
        Elements.write(this, i -> values[i]);
        return followed();
    }

    @Override
    public String toString() {
        return "Tensor " + spec;
    }
}
