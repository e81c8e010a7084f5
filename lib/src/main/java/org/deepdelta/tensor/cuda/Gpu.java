package org.deepdelta.tensor.cuda;

import java.nio.ByteBuffer;
import org.deepdelta.tensor.DType;

/**
 * What a device needs of a GPU: memory, compiled kernels, launches, matrix products, all in one stream. Addresses and functions are plain
 * numbers. Every failure is a {@link CudaException} that names the call.
 */
interface Gpu {

    /** A source file's text and the storage type that it is compiled for. */
    record Program(String name, String text, DType storage) {}

    /**
     * C = alpha A B + beta C, {@code batch} times at fixed distances, in elements. All matrices are row-major with {@code stride} elements
     * from one stored row to the next; {@code transposed} says that the transpose is stored.
     *
     * @param type of A and B
     * @param result of C
     */
    record Product(
            DType type,
            DType result,
            int m,
            int n,
            int k,
            double alpha,
            Operand a,
            Operand b,
            double beta,
            Operand c,
            int batch) {}

    /** One matrix of a product. */
    record Operand(long address, int stride, boolean transposed, long distance) {}

    /** Memory with arbitrary content, at a multiple of 256. */
    long allocate(long bytes);

    /** Gives memory back. */
    void free(long address);

    /** Copies in; returns when done. */
    void put(long address, ByteBuffer from);

    /** Copies out; returns when done. */
    void get(long address, ByteBuffer to);

    /** Copies inside. */
    void copy(long from, long to, long bytes);

    /** Sets bytes to zero. */
    void clear(long address, long bytes);

    /** A kernel, compiled if need be. The caller keeps it. */
    long function(Program program, String kernel);

    /** Runs a kernel; numbers are in the low bytes of their slots. */
    void launch(long function, String name, Grid grid, Signature.Arguments arguments);

    /** Runs a matrix product. */
    void multiply(Product product);

    /** Waits until everything is done. */
    void synchronize();

    /** Compute capability: 90 for 9.0. */
    int capability();

    /** One line: GPU, capability, memory, versions. */
    String describe();
}
