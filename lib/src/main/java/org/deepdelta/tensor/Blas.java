package org.deepdelta.tensor;

import static org.bytedeco.openblas.global.openblas_full.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_full.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_full.CblasTrans;
import static org.bytedeco.openblas.global.openblas_full.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas_full.cblas_dgemv;
import static org.bytedeco.openblas.global.openblas_full.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas_full.cblas_sgemv;
import static org.bytedeco.openblas.global.openblas_full.openblas_get_corename;
import static org.bytedeco.openblas.global.openblas_full.openblas_set_num_threads;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Matrix products, straight to OpenBLAS on the tensors' own memory. OpenBLAS is held to one thread: parallelism is over shards of the
 * batch in Java threads, and its bits must not depend on a number of threads.
 */
public final class Blas {
    static {
        openblas_set_num_threads(1);
    }

    private Blas() {}

    /** Which processor OpenBLAS has chosen its kernels for, such as {@code SkylakeX}; its bits depend on it. */
    public static String core() {
        return openblas_get_corename().getString();
    }

    /**
     * C = alpha A B + beta C; with beta = 0 the old content of C is not read.
     *
     * @throws IllegalArgumentException if sizes or types do not fit
     */
    public static void multiply(double alpha, Matrix a, Matrix b, double beta, Matrix c) {
        if (a.columns() != b.rows() || a.rows() != c.rows() || b.columns() != c.columns() || c.transposed()) {
            throw new IllegalArgumentException("matrix product: " + a + " times " + b + " into " + c);
        }
        if (a.type() != b.type() || a.type() != c.type()) {
            throw new IllegalArgumentException("matrix product: types " + a.type() + ", " + b.type() + ", " + c.type());
        }
        if (c.rows() == 0 || c.columns() == 0) {
            return;
        }
        if (c.rows() == 1 && !a.transposed()) {
            multiplyRow(alpha, a, b, beta, c);
            return;
        }
        int transA = a.transposed() ? CblasTrans : CblasNoTrans;
        int transB = b.transposed() ? CblasTrans : CblasNoTrans;
        int m = c.rows();
        int n = c.columns();
        int k = a.columns();
        switch (a.type()) {
            case F32 ->
                cblas_sgemm(
                        CblasRowMajor,
                        transA,
                        transB,
                        m,
                        n,
                        k,
                        (float) alpha,
                        new Floats(a),
                        a.stride(),
                        new Floats(b),
                        b.stride(),
                        (float) beta,
                        new Floats(c),
                        c.stride());
            case F64 ->
                cblas_dgemm(
                        CblasRowMajor,
                        transA,
                        transB,
                        m,
                        n,
                        k,
                        alpha,
                        new Doubles(a),
                        a.stride(),
                        new Doubles(b),
                        b.stride(),
                        beta,
                        new Doubles(c),
                        c.stride());
            default -> throw new IllegalArgumentException("matrix product: no " + a.type() + " on the CPU");
        }
    }

    /**
     * c = alpha a B + beta c for a single row, as c' = alpha B'a' + beta c': a matrix-vector product reads B where it lies, while a matrix
     * product copies it first. The steps of text generation are of this kind.
     */
    private static void multiplyRow(double alpha, Matrix a, Matrix b, double beta, Matrix c) {
        int trans = b.transposed() ? CblasNoTrans : CblasTrans;
        int m = b.transposed() ? b.columns() : b.rows();
        int n = b.transposed() ? b.rows() : b.columns();
        switch (a.type()) {
            case F32 ->
                cblas_sgemv(
                        CblasRowMajor,
                        trans,
                        m,
                        n,
                        (float) alpha,
                        new Floats(b),
                        b.stride(),
                        new Floats(a),
                        1,
                        (float) beta,
                        new Floats(c),
                        1);
            case F64 ->
                cblas_dgemv(
                        CblasRowMajor,
                        trans,
                        m,
                        n,
                        alpha,
                        new Doubles(b),
                        b.stride(),
                        new Doubles(a),
                        1,
                        beta,
                        new Doubles(c),
                        1);
            default -> throw new IllegalArgumentException("matrix product: no " + a.type() + " on the CPU");
        }
    }

    /** A pointer that owns nothing: as cheap as any small object. */
    private static final class Floats extends FloatPointer {
        Floats(Matrix m) {
            super((Pointer) null);
            address = m.address();
        }
    }

    /** The same in double precision. */
    private static final class Doubles extends DoublePointer {
        Doubles(Matrix m) {
            super((Pointer) null);
            address = m.address();
        }
    }
}
