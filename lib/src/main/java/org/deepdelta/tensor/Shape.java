package org.deepdelta.tensor;

import java.util.Arrays;

/** The sizes of a tensor's axes; immutable, 64-bit. A scalar has no axes. */
public final class Shape {
    private final long[] sizes;
    private final long size;

    private Shape(long[] sizes) {
        this.sizes = sizes;
        long product = 1;
        for (long n : sizes) {
            if (n < 0) {
                throw new IllegalArgumentException("shape " + Arrays.toString(sizes) + " has a negative axis");
            }
            if (Math.multiplyHigh(product, n) != 0 || product * n < 0) {
                throw new IllegalArgumentException("shape " + Arrays.toString(sizes) + " has more than 2^63 elements");
            }
            product *= n;
        }
        this.size = product;
    }

    /** The shape with these axis sizes, outermost first. */
    public static Shape of(long... sizes) {
        return new Shape(sizes.clone());
    }

    /** Number of axes. */
    public int rank() {
        return sizes.length;
    }

    /** Number of elements: the product of all axes. */
    public long size() {
        return size;
    }

    /** Size of an axis; negative indices count from the last, so {@code axis(-1)} is the innermost. */
    public long axis(int index) {
        return sizes[index < 0 ? sizes.length + index : index];
    }

    /** Elements in one slice of the innermost axis's complement: {@code size() / axis(-1)}; 1 for a scalar. */
    public long rows() {
        return rank() == 0 ? 1 : axis(-1) == 0 ? 0 : size / axis(-1);
    }

    /** A copy of the sizes. */
    public long[] toArray() {
        return sizes.clone();
    }

    /** This shape with its last axis replaced. */
    public Shape withLast(long last) {
        long[] copy = sizes.clone();
        copy[copy.length - 1] = last;
        return new Shape(copy);
    }

    /** This shape with an axis appended. */
    public Shape plus(long last) {
        long[] copy = Arrays.copyOf(sizes, sizes.length + 1);
        copy[sizes.length] = last;
        return new Shape(copy);
    }

    /** This shape without its last axis. */
    public Shape withoutLast() {
        return new Shape(Arrays.copyOf(sizes, sizes.length - 1));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape s && Arrays.equals(sizes, s.sizes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    @Override
    public String toString() {
        return Arrays.toString(sizes);
    }
}
