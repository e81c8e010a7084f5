package org.deepdelta.tensor.cuda;

import java.util.Arrays;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tensor;

/**
 * How a kernel walks a shape: the sizes, and the distance of an element along each axis in two operands. Axes that both operands see as one
 * are joined, so that most walks have a single axis.
 */
final class Axes {
    /** As in primitives.cu. */
    private static final int MOST = 6;

    private final long[] size;
    private final long[] a;
    private final long[] b;

    private Axes(long[] size, long[] a, long[] b) {
        this.size = size;
        this.a = a;
        this.b = b;
    }

    /** A shape with the strides of two operands. */
    static Axes of(Shape shape, long[] a, long[] b) {
        return new Axes(shape.toArray(), a, b);
    }

    /** The distance of an element along each axis. */
    static long[] strides(Tensor x) {
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

    /** The same as an operand of a result of that shape: axes aligned at the last, those of size 1 repeated. */
    static long[] broadcast(Tensor x, Shape shape) {
        long[] own = strides(x);
        long[] strides = new long[shape.rank()];
        int lead = shape.rank() - own.length;
        for (int i = 0; i < own.length; i++) {
            strides[lead + i] = x.shape().axis(i) == 1 ? 0 : own[i];
        }
        return strides;
    }

    /** In the order in which a tensor of this shape is stored. */
    Axes stored(Spec spec) {
        if (!spec.channelMajor()) {
            return this;
        }
        return new Axes(swapped(size), swapped(a), swapped(b));
    }

    private static long[] swapped(long[] x) {
        long[] copy = x.clone();
        copy[x.length - 1] = x[x.length - 2];
        copy[x.length - 2] = x[x.length - 1];
        return copy;
    }

    /** The axes that are kept, or the others, in the same order. */
    Axes only(boolean[] kept, boolean value) {
        int[] chosen = java.util.stream.IntStream.range(0, size.length)
                .filter(i -> kept[i] == value)
                .toArray();
        return new Axes(pick(size, chosen), pick(a, chosen), pick(b, chosen));
    }

    private static long[] pick(long[] x, int... chosen) {
        return Arrays.stream(chosen).mapToLong(i -> x[i]).toArray();
    }

    /** Number of elements. */
    long count() {
        return Arrays.stream(size).reduce(1, (x, y) -> x * y);
    }

    /**
     * As a kernel takes it.
     *
     * @throws IllegalArgumentException if more axes stay than kernels know
     */
    long[] argument() {
        long[] all = new long[3 * MOST];
        Arrays.fill(all, 0, MOST, 1);
        int at = MOST;
        for (int i = size.length - 1; i >= 0; i--) {
            if (size[i] == 1) {
                continue;
            }
            if (at < MOST && a[i] == all[at] * all[MOST + at] && b[i] == all[at] * all[2 * MOST + at]) {
                all[at] *= size[i];
                continue;
            }
            if (at == 0) {
                throw new IllegalArgumentException("primitives on CUDA take shapes of up to " + MOST
                        + " axes that cannot be joined, got " + Arrays.toString(size));
            }
            at--;
            all[at] = size[i];
            all[MOST + at] = a[i];
            all[2 * MOST + at] = b[i];
        }
        return all;
    }
}
