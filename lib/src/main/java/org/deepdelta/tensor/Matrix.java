package org.deepdelta.tensor;

/**
 * A matrix in a tensor's memory, for {@link Blas}: rows of consecutive elements, {@code stride} elements from one row to the next, and
 * whether it stands for its transpose. It is valid as long as the tensor's memory.
 *
 * @param type F32 or F64
 * @param address of the first element
 * @param rows rows of the matrix that it stands for
 * @param columns columns of the matrix that it stands for
 * @param stride elements from one stored row to the next
 * @param transposed whether rows and columns are swapped in memory
 */
public record Matrix(DType type, long address, int rows, int columns, int stride, boolean transposed) {

    /** A tensor as the matrix of its last-axis rows. */
    public static Matrix of(Tensor tensor) {
        long columns = tensor.shape().axis(-1);
        return of(tensor, 0, tensor.shape().rows(), columns, columns);
    }

    /**
     * Part of a tensor.
     *
     * @param from the first element
     * @param stride elements from one row to the next
     * @throws IndexOutOfBoundsException if it does not lie within the tensor
     */
    public static Matrix of(Tensor tensor, long from, long rows, long columns, long stride) {
        boolean empty = rows == 0 || columns == 0;
        if (from < 0 || columns > stride || !empty && from + (rows - 1) * stride + columns > tensor.size()) {
            throw new IndexOutOfBoundsException("matrix [" + rows + ", " + columns + "] with stride " + stride
                    + " at element " + from + " of " + tensor.spec());
        }
        long address = tensor.memory().address()
                + tensor.offset()
                + from * tensor.type().bytes();
        return new Matrix(
                tensor.type(),
                address,
                Math.toIntExact(rows),
                Math.toIntExact(columns),
                Math.toIntExact(Math.max(1, stride)),
                false);
    }

    /** The transpose; nothing moves. */
    public Matrix transpose() {
        return new Matrix(type, address, columns, rows, stride, !transposed);
    }

    @Override
    public String toString() {
        return "[" + rows + ", " + columns + "]";
    }
}
