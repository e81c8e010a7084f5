package org.deepdelta.operator;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a shortcut does along its direction (Sec. 2.3), by c = beta |k|^2; across it every shortcut is the identity. The
 * names are those of the shortcut, not of the complete update, whose write comes on top.
 */
public enum Regime {
    /** c = 0: the shortcut of an additive network; the layer is skipped, for the write carries the same beta. */
    IDENTITY,
    /** 0 &lt; c &lt; 1: a part of what the state held along k is erased. */
    PARTIAL_ERASE,
    /** c = 1: an orthogonal projection; k' X is erased wholly, and the write puts the target in its place, Eq. (2.3). */
    PROJECTION,
    /** 1 &lt; c &lt; 2: over-relaxed; the component along k changes sign and shrinks. */
    OVER_RELAXED,
    /** c = 2: Householder's reflection, orthogonal, determinant -1. The complete update is none: it still writes. */
    REFLECTION,
    /** c &lt; 0 or c &gt; 2: the component along k grows. A gate in [0, 2] with |k| at most 1 cannot reach it. */
    EXPANSIVE;

    /**
     * The regime by the closed form.
     *
     * @param c beta |k|^2
     * @param tolerance how far from 0, 1, 2 still counts as 0, 1, 2
     */
    public static Regime of(double c, double tolerance) {
        if (Math.abs(c) <= tolerance) {
            return IDENTITY;
        }
        if (Math.abs(c - 1) <= tolerance) {
            return PROJECTION;
        }
        if (Math.abs(c - 2) <= tolerance) {
            return REFLECTION;
        }
        if (c < 0 || c > 2) {
            return EXPANSIVE;
        }
        return c < 1 ? PARTIAL_ERASE : OVER_RELAXED;
    }

    /**
     * The regime as a matrix shows it, by its defects from A = I, A A = A and A A = I in the Frobenius norm, then by its
     * determinant. For a Delta operator the defects are |c|, |c (1 - c)| and |c (2 - c)|.
     *
     * @param matrix a Delta operator as a matrix [d, d]
     * @param tolerance the largest defect that counts as none
     */
    public static Regime measured(INDArray matrix, double tolerance) {
        INDArray identity = Nd4j.eye(matrix.size(0)).castTo(matrix.dataType());
        INDArray square = matrix.mmul(matrix);
        if (matrix.sub(identity).norm2Number().doubleValue() <= tolerance) {
            return IDENTITY;
        }
        if (square.sub(matrix).norm2Number().doubleValue() <= tolerance) {
            return PROJECTION;
        }
        if (square.sub(identity).norm2Number().doubleValue() <= tolerance) {
            return REFLECTION;
        }
        return of(1 - NumericalMatrix.of(matrix).determinant(), 0);
    }
}
