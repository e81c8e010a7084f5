package org.deepdelta.classroom;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.deepdelta.tensor.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A number or an array of numbers of whatever kind, in double precision and row-major order, as {@link Answer} compares them. */
record Numbers(long[] shape, double[] entries) {

    static boolean are(Object value) {
        return value instanceof Number
                || value instanceof INDArray
                || value instanceof Tensor
                || value instanceof double[]
                || value instanceof double[][];
    }

    /** @throws IllegalArgumentException for what is none of {@link #are} */
    static Numbers of(Object value) {
        if (value instanceof Number number) {
            return new Numbers(new long[0], new double[] {number.doubleValue()});
        }
        if (value instanceof INDArray array) {
            return of(array);
        }
        if (value instanceof Tensor tensor) {
            return new Numbers(tensor.shape().toArray(), tensor.toDoubles());
        }
        if (value instanceof double[] vector) {
            return new Numbers(new long[] {vector.length}, vector.clone());
        }
        if (value instanceof double[][] matrix) {
            long columns = matrix.length == 0 ? 0 : matrix[0].length;
            return new Numbers(
                    new long[] {matrix.length, columns},
                    Arrays.stream(matrix).flatMapToDouble(Arrays::stream).toArray());
        }
        throw new IllegalArgumentException("expected a number or an array of numbers, got "
                + (value == null ? "null" : value.getClass().getName()));
    }

    private static Numbers of(INDArray array) {
        Numbers shaped = new Numbers(array.shape(), new double[(int) array.length()]);
        Arrays.setAll(shaped.entries, i -> array.getDouble(shaped.place(i)));
        return shaped;
    }

    /** The indices of the i-th entry. */
    long[] place(int i) {
        long[] at = new long[shape.length];
        long rest = i;
        for (int axis = at.length - 1; axis >= 0; axis--) {
            at[axis] = rest % shape[axis];
            rest /= shape[axis];
        }
        return at;
    }

    double largest() {
        return Arrays.stream(entries).map(Math::abs).max().orElse(0);
    }

    Numbers times(double factor) {
        return new Numbers(shape, Arrays.stream(entries).map(x -> factor * x).toArray());
    }

    /** A matrix with its axes exchanged; anything else as it is. */
    Numbers transposed() {
        if (shape.length != 2) {
            return this;
        }
        int rows = (int) shape[0];
        int columns = (int) shape[1];
        double[] turned = IntStream.range(0, rows * columns)
                .mapToDouble(i -> entries[i % rows * columns + i / rows])
                .toArray();
        return new Numbers(new long[] {columns, rows}, turned);
    }

    boolean sameShape(Numbers other) {
        return Arrays.equals(shape, other.shape);
    }

    /** Whether shapes are equal and no entry differs by more than the tolerance, or is not a number. */
    boolean agrees(Numbers other, double tolerance) {
        return sameShape(other)
                && IntStream.range(0, entries.length)
                        .allMatch(i -> Math.abs(entries[i] - other.entries[i]) <= tolerance);
    }

    /** The number of the first entry that is no finite number, or -1. */
    int firstNotFinite() {
        return IntStream.range(0, entries.length)
                .filter(i -> !Double.isFinite(entries[i]))
                .findFirst()
                .orElse(-1);
    }

    /** The number of the entry that differs most. */
    int worst(Numbers other) {
        return IntStream.range(0, entries.length).reduce(0, (a, b) -> gap(other, b) > gap(other, a) ? b : a);
    }

    double gap(Numbers other, int i) {
        return Math.abs(entries[i] - other.entries[i]);
    }

    String kind() {
        return shape.length == 0 ? "a number" : "shape " + Arrays.toString(shape);
    }
}
