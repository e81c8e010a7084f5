package org.deepdelta.tensor;

import java.util.Arrays;

/**
 * A tensor's elements of 4 bytes seen through strides of our own: broadcast (stride 0), permuted, cut. The primitives' kernels walk several
 * of these in step.
 *
 * @param lanes the elements, as {@link Lanes} sees them
 * @param start the first element
 * @param strides an element's distance along each axis
 */
record Strided(Object lanes, long start, long[] strides) {

    /** What is done at each place. */
    @FunctionalInterface
    interface Body {
        /** With the places in up to three operands. */
        void at(long a, long b, long c);
    }

    /** A tensor as it is. */
    static Strided of(Tensor x) {
        return new Strided(Lanes.of(x), 0, strides(x));
    }

    /** A tensor as an operand of a result of that shape: its axes aligned at the last, those of size 1 repeated. */
    static Strided broadcast(Tensor x, Shape shape) {
        long[] own = strides(x);
        long[] strides = new long[shape.rank()];
        int lead = shape.rank() - own.length;
        for (int i = 0; i < own.length; i++) {
            strides[lead + i] = x.shape().axis(i) == 1 ? 0 : own[i];
        }
        return new Strided(Lanes.of(x), 0, strides);
    }

    /** From another start along an axis. */
    Strided from(int axis, long index) {
        return new Strided(lanes, start + index * strides[axis], strides);
    }

    /** With the axes in another order. */
    Strided permuted(int... order) {
        return new Strided(
                lanes, start, Arrays.stream(order).mapToLong(i -> strides[i]).toArray());
    }

    /** Walks the places of a shape in row-major order. */
    static void walk(Shape shape, Strided a, Strided b, Strided c, Body body) {
        if (shape.size() == 0) {
            return;
        }
        walk(shape, 0, new Strided[] {a, b, c}, a.start, b.start, c.start, body);
    }

    /** Copies every element of a shape. */
    static void copy(Shape shape, Strided from, Strided to) {
        walk(shape, from, to, to, (a, b, c) -> Lanes.set(to.lanes, b, Lanes.get(from.lanes, a)));
    }

    private static void walk(Shape shape, int axis, Strided[] operands, long a, long b, long c, Body body) {
        if (axis == shape.rank()) {
            body.at(a, b, c);
            return;
        }
        long stepA = operands[0].strides[axis];
        long stepB = operands[1].strides[axis];
        long stepC = operands[2].strides[axis];
        long size = shape.axis(axis);
        boolean innermost = axis == shape.rank() - 1;
        for (long i = 0; i < size; i++) {
            if (innermost) {
                body.at(a + i * stepA, b + i * stepB, c + i * stepC);
            } else {
                walk(shape, axis + 1, operands, a + i * stepA, b + i * stepB, c + i * stepC, body);
            }
        }
    }

    private static long[] strides(Tensor x) {
        int rank = x.shape().rank();
        long[] strides = new long[rank];
        long step = 1;
        for (int i = rank - 1; i >= 0; i--) {
            strides[i] = step;
            step *= x.shape().axis(i);
        }
        if (x.spec().channelMajor()) {
            strides[rank - 1] = x.shape().axis(rank - 2);
            strides[rank - 2] = 1;
        }
        return strides;
    }
}
