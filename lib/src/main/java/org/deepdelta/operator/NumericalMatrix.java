package org.deepdelta.operator;

import java.util.Arrays;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A real square matrix and what general algorithms say about it, with no use made of where it came from: the numerical
 * answer that a closed form is held against. The algorithms are LAPACK's, from the OpenBLAS that ND4J brings along (a
 * spectrum at d = 64 takes about 1 ms). A pure Java library was measured first and fell to the property tests: no
 * eigenvalues for a zero matrix, and singular values off by 1e-3 where an entry was below 1e-308.
 */
public final class NumericalMatrix {

    private final int n;
    private final double[] rowMajor;

    private NumericalMatrix(int n, double[] rowMajor) {
        this.n = n;
        this.rowMajor = rowMajor;
    }

    /**
     * Copies a matrix.
     *
     * @param matrix [n, n], n at least 1
     * @throws IllegalArgumentException if it is not square or an entry is not finite
     */
    public static NumericalMatrix of(INDArray matrix) {
        if (matrix.rank() != 2 || matrix.size(0) != matrix.size(1)) {
            throw new IllegalArgumentException(
                    "matrix: expected a square matrix [n, n], got " + Arrays.toString(matrix.shape()));
        }
        double[] entries = Arrays.stream(matrix.toDoubleMatrix())
                .flatMapToDouble(Arrays::stream)
                .toArray();
        for (double entry : entries) {
            if (!Double.isFinite(entry)) {
                throw new IllegalArgumentException("matrix: expected finite numbers, got " + entry);
            }
        }
        return new NumericalMatrix((int) matrix.size(0), entries);
    }

    /** All eigenvalues (dgeev: Hessenberg form, then shifted QR). */
    public Spectrum spectrum() {
        double[] re = new double[n];
        double[] im = new double[n];
        byte none = 'N';
        double[] unused = new double[1];
        int info = openblas.LAPACKE_dgeev(
                openblas.LAPACK_ROW_MAJOR, none, none, n, rowMajor.clone(), n, re, im, unused, n, unused, n);
        if (info != 0) {
            throw new ArithmeticException("dgeev: the QR iteration did not converge (info " + info + ")");
        }
        return new Spectrum(re, im);
    }

    /** The singular values, largest first [n] (dgesvd). */
    public double[] singularValues() {
        double[] values = new double[n];
        byte none = 'N';
        double[] unused = new double[1];
        int info = openblas.LAPACKE_dgesvd(
                openblas.LAPACK_ROW_MAJOR,
                none,
                none,
                n,
                n,
                rowMajor.clone(),
                n,
                values,
                unused,
                n,
                unused,
                n,
                new double[Math.max(1, n - 1)]);
        if (info != 0) {
            throw new ArithmeticException("dgesvd: the QR iteration did not converge (info " + info + ")");
        }
        return values;
    }

    /** The determinant: the pivots of an LU factorisation, with the sign of its row exchanges (dgetrf). */
    public double determinant() {
        double[] lu = rowMajor.clone();
        int[] pivots = new int[n];
        openblas.LAPACKE_dgetrf(openblas.LAPACK_ROW_MAJOR, n, n, lu, n, pivots);
        double determinant = 1;
        for (int i = 0; i < n; i++) {
            determinant *= pivots[i] == i + 1 ? lu[i * n + i] : -lu[i * n + i];
        }
        return determinant;
    }

    /**
     * The inverse [n, n] (dgetrf, dgetri).
     *
     * @throws ArithmeticException if a pivot is exactly zero
     */
    public INDArray inverse() {
        double[] inverse = rowMajor.clone();
        int[] pivots = new int[n];
        openblas.LAPACKE_dgetrf(openblas.LAPACK_ROW_MAJOR, n, n, inverse, n, pivots);
        int info = openblas.LAPACKE_dgetri(openblas.LAPACK_ROW_MAJOR, n, inverse, n, pivots);
        if (info != 0) {
            throw new ArithmeticException("no inverse: pivot " + info + " of " + n + " is zero");
        }
        return Nd4j.createFromArray(inverse).reshape(n, n);
    }

    /** The distance to the nearest orthogonal matrix in the Frobenius norm: sqrt(sum (sigma_i - 1)^2). */
    public double distanceFromOrthogonality() {
        return Math.sqrt(
                Arrays.stream(singularValues()).map(s -> (s - 1) * (s - 1)).sum());
    }
}
