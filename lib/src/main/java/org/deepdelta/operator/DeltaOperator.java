package org.deepdelta.operator;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One frozen shortcut, A = I - beta k k' (Eq. 2.1), in double precision. k may have any length, zero included; c stands
 * for beta |k|^2 below. beta may be any finite number: the models' gate keeps it in (0, 2), but that it must is a result
 * about this operator (outside, {@link Regime#EXPANSIVE}), and no assumption of it.
 *
 * <p>Immutable; methods return new arrays.
 */
public final class DeltaOperator {

    private final double beta;
    private final INDArray k;
    private final double squaredNorm;

    private DeltaOperator(double beta, INDArray k) {
        this.beta = beta;
        this.k = k;
        this.squaredNorm = k.mul(k).sumNumber().doubleValue();
    }

    /**
     * The operator with this gate and this direction as it is, not normalised.
     *
     * @param beta the gate, finite
     * @param k the direction [d], finite, d at least 1; copied
     * @throws IllegalArgumentException if k is not a vector or something is not finite
     */
    public static DeltaOperator of(double beta, INDArray k) {
        requireFiniteVector("k", k);
        if (!Double.isFinite(beta)) {
            throw new IllegalArgumentException("beta: expected a finite number, got " + beta);
        }
        return new DeltaOperator(beta, k.castTo(DataType.DOUBLE).dup());
    }

    /** As {@link #of(double, INDArray)}, with the direction given number by number. */
    public static DeltaOperator of(double beta, double... k) {
        return of(beta, Nd4j.createFromArray(k));
    }

    /**
     * The direction of a raw vector, k = k~ / sqrt(|k~|^2 + eps^2) (Sec. 3.1): of length just below one, and going to zero
     * with |k~| in place of blowing up noise; k~ = 0 gives k = 0.
     *
     * @param raw k~ [d]
     * @param eps the small-norm guard, at least 0; the models use 1e-5
     * @return k [d]
     * @throws IllegalArgumentException if raw is not a finite vector, eps is negative, or both are zero (0 / 0)
     */
    public static INDArray direction(INDArray raw, double eps) {
        requireFiniteVector("raw", raw);
        if (!(eps >= 0)) {
            throw new IllegalArgumentException("eps: expected a number of at least 0, got " + eps);
        }
        INDArray x = raw.castTo(DataType.DOUBLE);
        double largest = Math.max(x.amaxNumber().doubleValue(), eps);
        if (largest == 0) {
            throw new IllegalArgumentException("raw: a zero vector has no direction when eps is 0");
        }
        // Scaled first, so that squares of tiny or huge entries neither vanish nor overflow.
        INDArray scaled = x.div(largest);
        double norm = scaled.norm2Number().doubleValue();
        return scaled.div(Math.hypot(norm, eps / largest));
    }

    /** The gate beta. */
    public double beta() {
        return beta;
    }

    /** The direction [d], a copy. */
    public INDArray k() {
        return k.dup();
    }

    /** The width d. */
    public int dimension() {
        return (int) k.length();
    }

    /** c = beta |k|^2, which is beta for a unit k: the one number on which the whole spectrum depends. */
    public double strength() {
        return beta * squaredNorm;
    }

    /**
     * The readout k' X.
     *
     * @param state X [d] or [d, dv]
     * @return [dv], with dv = 1 for a vector state
     */
    public INDArray read(INDArray state) {
        return row().mmul(columns(state)).reshape(-1);
    }

    /**
     * The shortcut A X = X - beta k (k' X), without forming A.
     *
     * @param state X [d] or [d, dv]
     * @return the same shape
     */
    public INDArray apply(INDArray state) {
        return state.castTo(DataType.DOUBLE).sub(alongK(read(state)).reshape(state.shape()));
    }

    /**
     * The complete update as an affine map, X' = A X + beta k v' (Eq. 2.1).
     *
     * @param state X [d] or [d, dv]
     * @param target v [dv]; [1] for a vector state
     * @return X', of the shape of X
     */
    public INDArray updateAffine(INDArray state, INDArray target) {
        return apply(state).add(alongK(targetOf(state, target)).reshape(state.shape()));
    }

    /**
     * The complete update as read, compare, write: X' = X + beta k (v' - k' X) (Eq. 2.2). Equal to
     * {@link #updateAffine} up to rounding.
     *
     * @param state X [d] or [d, dv]
     * @param target v [dv]; [1] for a vector state
     * @return X', of the shape of X
     */
    public INDArray update(INDArray state, INDArray target) {
        INDArray discrepancy = targetOf(state, target).sub(read(state));
        return state.castTo(DataType.DOUBLE).add(alongK(discrepancy).reshape(state.shape()));
    }

    /** A as a matrix [d, d]. */
    public INDArray matrix() {
        return Nd4j.eye(dimension())
                .castTo(DataType.DOUBLE)
                .sub(column().mmul(row()).mul(beta));
    }

    /**
     * The operator on dv columns as one matrix, I (x) A (Prop. 2.1): it acts on the columns of X [d, dv] stacked upon each
     * other.
     *
     * @param dv the number of columns, at least 1
     * @return [d dv, d dv]: A dv times on the diagonal
     */
    public INDArray lifted(int dv) {
        requireColumns(dv);
        int d = dimension();
        INDArray a = matrix();
        INDArray lifted = Nd4j.zeros(DataType.DOUBLE, (long) d * dv, (long) d * dv);
        for (int column = 0; column < dv; column++) {
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    lifted.putScalar(column * d + i, column * d + j, a.getDouble(i, j));
                }
            }
        }
        return lifted;
    }

    /** The eigenvalues: 1 (d - 1 times) and 1 - c (Prop. 2.1); 1 alone (d times) for c = 0. */
    public List<Eigenvalue> eigenvalues() {
        return eigenvalues(1);
    }

    /** The eigenvalues on dv columns: those of A, dv times as often. */
    public List<Eigenvalue> eigenvalues(int dv) {
        requireColumns(dv);
        int d = dimension();
        if (strength() == 0) {
            return List.of(new Eigenvalue(1, d * dv));
        }
        Eigenvalue along = new Eigenvalue(1 - strength(), dv);
        return d == 1 ? List.of(along) : List.of(new Eigenvalue(1, (d - 1) * dv), along);
    }

    /**
     * An orthonormal basis of eigenvectors, one in each column [d, d]: first k / |k|, whose eigenvalue is 1 - c, then d - 1
     * vectors orthogonal to it, whose eigenvalue is 1. They are the columns of the reflection that takes the first axis to
     * k / |k| (up to sign); for k = 0 the axes.
     */
    public INDArray eigenvectors() {
        INDArray identity = Nd4j.eye(dimension()).castTo(DataType.DOUBLE);
        double largest = k.amaxNumber().doubleValue();
        if (largest == 0) {
            return identity;
        }
        INDArray unit = k.div(largest);
        unit.divi(unit.norm2Number());
        // Towards the axis on the far side, so that u never cancels.
        double sign = unit.getDouble(0) > 0 ? -1 : 1;
        INDArray u = unit.dup();
        u.putScalar(0, u.getDouble(0) - sign);
        double scale = 2 / u.mul(u).sumNumber().doubleValue();
        INDArray basis = of(scale, u).matrix();
        basis.putColumn(0, unit);
        return basis;
    }

    /** det A = 1 - c. */
    public double determinant() {
        return 1 - strength();
    }

    /** The determinant on dv columns, (1 - c)^dv. */
    public double determinant(int dv) {
        requireColumns(dv);
        return Math.pow(determinant(), dv);
    }

    /** Whether A has an inverse: |1 - c| is above the rounding error of c, about d 2^-52. */
    public boolean isInvertible() {
        return Math.abs(determinant()) > Math.max(1, Math.abs(strength())) * dimension() * Math.ulp(1.0);
    }

    /**
     * The inverse, A^-1 = I + beta / (1 - c) k k' (Sherman and Morrison): again a shortcut along k, with gate
     * -beta / (1 - c). A reflection is its own.
     *
     * @throws ArithmeticException if c = 1 up to rounding: A erases the component along k, nothing brings it back
     */
    public DeltaOperator inverse() {
        if (!isInvertible()) {
            throw new ArithmeticException(String.format(
                    Locale.ROOT,
                    "no inverse: beta |k|^2 = %.17g is 1 up to rounding, so A erases the component along k",
                    strength()));
        }
        return new DeltaOperator(-beta / determinant(), k);
    }

    /** The singular values, largest first [d]: 1 (d - 1 times) and |1 - c|. */
    public double[] singularValues() {
        double[] ascending = DoubleStream.concat(
                        DoubleStream.of(Math.abs(determinant())),
                        DoubleStream.generate(() -> 1).limit(dimension() - 1L))
                .sorted()
                .toArray();
        double[] values = new double[ascending.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = ascending[values.length - 1 - i];
        }
        return values;
    }

    /** The Frobenius distance to the nearest orthogonal matrix, | |1 - c| - 1 |: 0 at c = 0 and c = 2, 1 at c = 1. */
    public double distanceFromOrthogonality() {
        return Math.abs(Math.abs(determinant()) - 1);
    }

    /**
     * The regime (Sec. 2.3).
     *
     * @param tolerance how far c may be from 0, 1, 2; the guard alone moves c by beta eps^2 / |k~|^2
     */
    public Regime regime(double tolerance) {
        return Regime.of(strength(), tolerance);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "DeltaOperator[d=%d, beta=%.4g, |k|=%.4g]", dimension(), beta, Math.sqrt(squaredNorm));
    }

    /** beta k r' as columns [d, dv]. */
    private INDArray alongK(INDArray row) {
        return column().mmul(row.reshape(1, row.length())).mul(beta);
    }

    private INDArray row() {
        return k.reshape(1, k.length());
    }

    private INDArray column() {
        return k.reshape(k.length(), 1);
    }

    /** The state in double as a matrix [d, dv]. */
    private INDArray columns(INDArray state) {
        boolean fits = (state.rank() == 1 || state.rank() == 2) && state.size(0) == dimension();
        if (!fits) {
            throw new IllegalArgumentException("state: expected [d] or [d, dv] with d = " + dimension() + ", got "
                    + Arrays.toString(state.shape()));
        }
        INDArray x = state.castTo(DataType.DOUBLE);
        return x.rank() == 2 ? x : x.reshape(x.length(), 1);
    }

    private INDArray targetOf(INDArray state, INDArray target) {
        long dv = columns(state).size(1);
        if (target.rank() != 1 || target.length() != dv) {
            throw new IllegalArgumentException(
                    "target: expected [dv] with dv = " + dv + ", got " + Arrays.toString(target.shape()));
        }
        return target.castTo(DataType.DOUBLE);
    }

    private static void requireColumns(int dv) {
        if (dv < 1) {
            throw new IllegalArgumentException("dv: expected at least one column, got " + dv);
        }
    }

    private static void requireFiniteVector(String name, INDArray vector) {
        if (vector.rank() != 1 || vector.length() < 1) {
            throw new IllegalArgumentException(
                    name + ": expected a vector [d], got shape " + Arrays.toString(vector.shape()));
        }
        for (double x : vector.toDoubleVector()) {
            if (!Double.isFinite(x)) {
                throw new IllegalArgumentException(name + ": expected finite numbers, got " + x);
            }
        }
    }
}
