package org.deepdelta.operator;

import static org.deepdelta.operator.Operators.assertClose;
import static org.deepdelta.operator.Operators.gaussian;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.domains.DomainContext;
import org.junit.jupiter.api.function.Executable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

@Domain(Operators.class)
@Domain(DomainContext.Global.class)
class DeltaOperatorTest {

    private static final double TOLERANCE = 1e-12;

    @Property(tries = 200)
    void applyingIsMultiplyingByTheMatrix(
            @ForAll DeltaOperator a, @ForAll @IntRange(min = 1, max = 5) int dv, @ForAll long seed) {
        INDArray x = gaussian(seed, a.dimension(), dv);
        assertClose(a.matrix().mmul(x), a.apply(x), TOLERANCE);
        INDArray vector = gaussian(seed, a.dimension());
        assertClose(a.matrix().mmul(vector.reshape(-1, 1)).reshape(-1), a.apply(vector), TOLERANCE);
    }

    @Property(tries = 200)
    void theTwoFormsOfTheUpdateAreEqual(
            @ForAll DeltaOperator a, @ForAll @IntRange(min = 1, max = 5) int dv, @ForAll long seed) {
        INDArray x = gaussian(seed, a.dimension(), dv);
        INDArray v = gaussian(seed + 1, dv);
        assertClose(a.updateAffine(x, v), a.update(x, v), TOLERANCE);
        INDArray vector = gaussian(seed, a.dimension());
        INDArray one = gaussian(seed + 1, 1);
        assertClose(a.updateAffine(vector, one), a.update(vector, one), TOLERANCE);
    }

    @Property(tries = 200)
    void theDiscrepancyIsMultipliedByOneMinusC(
            @ForAll DeltaOperator a, @ForAll @IntRange(min = 1, max = 5) int dv, @ForAll long seed) {
        INDArray x = gaussian(seed, a.dimension(), dv);
        INDArray v = gaussian(seed + 1, dv);
        // Eq. (2.4) holds as it stands for a unit k; a shorter k contracts by 1 - beta |k|^2 towards the same v.
        INDArray before = a.read(x).sub(v);
        INDArray after = a.read(a.update(x, v)).sub(v);
        assertClose(before.mul(1 - a.strength()), after, TOLERANCE);
    }

    @Property(tries = 200)
    void eigenvaluesAndTheirMultiplicities(@ForAll DeltaOperator a) {
        Spectrum numerical = NumericalMatrix.of(a.matrix()).spectrum();
        assertEquals(a.dimension(), numerical.size());
        assertEquals(0, numerical.largestImaginaryPart(), TOLERANCE);
        int total = 0;
        for (Eigenvalue each : a.eigenvalues()) {
            assertTrue(numerical.countNear(each.value(), 0, TOLERANCE) >= each.multiplicity(), () -> each + " of " + a);
            total += each.multiplicity();
        }
        assertEquals(a.dimension(), total);
        assertEquals(a.determinant(), numerical.determinant(), TOLERANCE);
    }

    @Property(tries = 200)
    void eigenvectorsAreAnOrthonormalBasisThatDiagonalises(@ForAll DeltaOperator a) {
        INDArray q = a.eigenvectors();
        INDArray identity = Nd4j.eye(a.dimension()).castTo(DataType.DOUBLE);
        assertClose(identity, q.transpose().mmul(q), TOLERANCE);
        INDArray diagonal = identity.dup();
        diagonal.putScalar(0, 0, 1 - a.strength());
        assertClose(q.mmul(diagonal), a.matrix().mmul(q), TOLERANCE);
    }

    @Property(tries = 200)
    void determinantInverseAndSingularValues(@ForAll DeltaOperator a) {
        NumericalMatrix numerical = NumericalMatrix.of(a.matrix());
        assertEquals(a.determinant(), numerical.determinant(), TOLERANCE);
        assertArrayEquals(a.singularValues(), numerical.singularValues(), TOLERANCE);
        assertEquals(a.distanceFromOrthogonality(), numerical.distanceFromOrthogonality(), TOLERANCE);
        if (Math.abs(a.determinant()) > 1e-3) {
            assertClose(numerical.inverse(), a.inverse().matrix(), 1e-8);
            INDArray x = gaussian(7, a.dimension(), 2);
            assertClose(x, a.inverse().apply(a.apply(x)), 1e-9);
        }
    }

    @Property(tries = 50)
    void theLiftRepeatsTheSpectrum(@ForAll DeltaOperator a, @ForAll @IntRange(min = 1, max = 3) int dv) {
        INDArray lifted = a.lifted(dv);
        NumericalMatrix numerical = NumericalMatrix.of(lifted);
        assertEquals(a.determinant(dv), numerical.determinant(), TOLERANCE * Math.max(1, Math.abs(a.determinant(dv))));
        for (Eigenvalue each : a.eigenvalues(dv)) {
            assertTrue(numerical.spectrum().countNear(each.value(), 0, TOLERANCE) >= each.multiplicity());
        }
        INDArray x = gaussian(3, a.dimension(), dv);
        INDArray stacked = x.transpose().dup('c').reshape(-1, 1);
        assertClose(a.apply(x).transpose().dup('c').reshape(-1, 1), lifted.mmul(stacked), TOLERANCE);
    }

    @Property(tries = 200)
    void theRegimeShowsInTheMatrix(@ForAll DeltaOperator a) {
        double c = a.strength();
        for (double boundary : new double[] {0, 1, 2}) {
            double off = Math.abs(c - boundary);
            Assume.that(off < 1e-10 || off > 1e-6);
        }
        assertEquals(a.regime(1e-9), Regime.measured(a.matrix(), 1e-9));
    }

    @Property(tries = 200)
    void aGuardedDirectionIsShorterByWhatTheGuardSays(
            @ForAll @IntRange(min = 1, max = 8) int d,
            @ForAll @IntRange(min = -300, max = 300) int exponent,
            @ForAll @DoubleRange(max = 2) double beta,
            @ForAll long seed) {
        INDArray raw = DeltaOperator.direction(gaussian(seed, d), 0).mul(Math.pow(10, exponent));
        double norm = Math.pow(10, exponent);
        double eps = 1e-5;
        DeltaOperator a = DeltaOperator.of(beta, DeltaOperator.direction(raw, eps));
        double ratio = eps / norm;
        assertEquals(beta / (1 + ratio * ratio), a.strength(), TOLERANCE);
        assertTrue(a.regime(0) != Regime.EXPANSIVE || a.strength() - 2 < TOLERANCE);
    }

    @Example
    void theThreeNamedRegimes() {
        INDArray k = DeltaOperator.direction(Nd4j.createFromArray(3.0, -4.0, 12.0), 0);
        assertEquals(Regime.IDENTITY, DeltaOperator.of(0, k).regime(1e-12));
        assertEquals(Regime.PROJECTION, DeltaOperator.of(1, k).regime(1e-12));
        assertEquals(Regime.REFLECTION, DeltaOperator.of(2, k).regime(1e-12));
        assertEquals(Regime.PARTIAL_ERASE, DeltaOperator.of(0.5, k).regime(1e-12));
        assertEquals(Regime.OVER_RELAXED, DeltaOperator.of(1.5, k).regime(1e-12));
        assertEquals(Regime.EXPANSIVE, DeltaOperator.of(2.5, k).regime(1e-12));
        assertEquals(Regime.EXPANSIVE, DeltaOperator.of(-0.5, k).regime(1e-12));
    }

    @Example
    void zeroDirectionIsTheIdentity() {
        DeltaOperator a = DeltaOperator.of(1.5, DeltaOperator.direction(Nd4j.zeros(DataType.DOUBLE, 4), 1e-5));
        INDArray x = gaussian(1, 4, 2);
        assertEquals(x, a.update(x, gaussian(2, 2)));
        assertEquals(List.of(new Eigenvalue(1, 4)), a.eigenvalues());
    }

    @Example
    void aProjectionHasNoInverseAndSaysSo() {
        DeltaOperator projection = DeltaOperator.of(1, DeltaOperator.direction(Nd4j.createFromArray(1.0, 2.0, 3.0), 0));
        assertFalse(projection.isInvertible());
        ArithmeticException error = assertThrows(ArithmeticException.class, projection::inverse);
        assertTrue(error.getMessage().contains("beta |k|^2"), error.getMessage());
    }

    @Example
    void badInputIsNamed() {
        DeltaOperator a = DeltaOperator.of(1, 0.6, 0.8);
        assertMessage("state: expected [d] or [d, dv] with d = 2, got [3]", () -> a.apply(Nd4j.ones(3)));
        assertMessage("target: expected [dv] with dv = 4, got [2]", () -> a.update(Nd4j.ones(2, 4), Nd4j.ones(2)));
        assertMessage("k: expected a vector [d], got shape [2, 1]", () -> DeltaOperator.of(1, Nd4j.ones(2, 1)));
        assertMessage("k: expected finite numbers, got NaN", () -> DeltaOperator.of(1, 0.0, Double.NaN));
        assertMessage("beta: expected a finite number", () -> DeltaOperator.of(Double.POSITIVE_INFINITY, 1.0));
        assertMessage("a zero vector has no direction", () -> DeltaOperator.direction(Nd4j.zeros(2), 0));
        assertMessage("eps: expected", () -> DeltaOperator.direction(Nd4j.ones(2), -1));
        assertMessage("dv: expected at least one column", () -> a.determinant(0));
        assertMessage("square matrix", () -> NumericalMatrix.of(Nd4j.ones(2, 3)));
    }

    private static void assertMessage(String part, Executable code) {
        String message = assertThrows(IllegalArgumentException.class, code).getMessage();
        assertTrue(message.contains(part), message);
    }
}
