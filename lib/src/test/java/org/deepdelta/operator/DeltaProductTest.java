package org.deepdelta.operator;

import static org.deepdelta.operator.Operators.assertClose;
import static org.deepdelta.operator.Operators.gaussian;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DeltaProductTest {

    @Provide
    Arbitrary<List<DeltaOperator>> sequences() {
        return Arbitraries.integers()
                .between(1, 8)
                .flatMap(d -> Operators.operators(d, 2).list().ofMinSize(1).ofMaxSize(12));
    }

    @Property(tries = 150)
    void theCompactFormIsTheProduct(@ForAll("sequences") List<DeltaOperator> operators) {
        DeltaProduct product = DeltaProduct.of(operators);
        INDArray matrix = operators.get(0).matrix();
        INDArray x = gaussian(5, product.dimension(), 3);
        INDArray oneByOne = operators.get(0).apply(x);
        for (DeltaOperator next : operators.subList(1, operators.size())) {
            matrix = next.matrix().mmul(matrix);
            oneByOne = next.apply(oneByOne);
        }
        assertClose(matrix, product.matrix(), 1e-12);
        assertClose(oneByOne, product.apply(x), 1e-12);
        assertEquals(NumericalMatrix.of(matrix).determinant(), product.determinant(), 1e-12);
    }

    /**
     * The small problem against the full one. Compared by power sums, since a multiple eigenvalue such as the 0 of several
     * projections is found to the root of the rounding error only, while sums stay sharp.
     */
    @Property(tries = 150)
    void theSpectrumOfTheSmallProblemIsThatOfTheProduct(@ForAll("sequences") List<DeltaOperator> operators) {
        DeltaProduct product = DeltaProduct.of(operators);
        Spectrum closed = product.spectrum();
        assertEquals(product.dimension(), closed.size());
        INDArray power = product.matrix();
        for (int p = 1; p <= 3; p++) {
            assertEquals(Nd4j.diag(power).sumNumber().doubleValue(), powerSum(closed, p), 1e-9);
            power = power.mmul(product.matrix());
        }
        assertEquals(product.determinant(), closed.determinant(), 1e-9);
    }

    @Property(tries = 50)
    void twoReflectionsAreARotationByTwiceTheAngle(
            @ForAll @DoubleRange(max = 6.28) double one, @ForAll @DoubleRange(max = 6.28) double other) {
        DeltaProduct rotation = DeltaProduct.of(
                DeltaOperator.of(2, Math.cos(one), Math.sin(one)),
                DeltaOperator.of(2, Math.cos(other), Math.sin(other)));
        double angle = 2 * (other - one);
        assertEquals(Math.cos(angle), rotation.matrix().getDouble(0, 0), 1e-12);
        assertEquals(Math.sin(angle), rotation.matrix().getDouble(1, 0), 1e-12);
        // Near angle 0 a double eigenvalue parts by the root of the rounding error.
        assertEquals(Math.abs(Math.sin(angle)), rotation.spectrum().largestImaginaryPart(), 1e-7);
    }

    @Property(tries = 20)
    void reflectionsStayOnTheUnitCircle(@ForAll @IntRange(min = 1, max = 40) int n, @ForAll long seed) {
        Spectrum spectrum = DeltaProduct.random(20, n, 2, seed).spectrum();
        assertEquals(20, spectrum.size());
        for (int i = 0; i < spectrum.size(); i++) {
            assertEquals(1, spectrum.modulus(i), 1e-10);
        }
    }

    @Example
    void aLongerRandomProductContinuesTheShorter() {
        DeltaProduct five = DeltaProduct.random(6, 5, 1.5, 11);
        DeltaProduct six = DeltaProduct.random(6, 6, 1.5, 11);
        assertClose(six.matrix(), five.then(six.operators().get(5)).matrix(), 0);
        assertEquals(5, five.size());
        assertEquals(6, six.prefixes().size());
        assertClose(five.matrix(), six.prefixes().get(4).matrix(), 0);
    }

    @Example
    void aSpectrumReadsAsPairs() {
        DeltaProduct rotation = DeltaProduct.of(
                DeltaOperator.of(2, Math.cos(0.3), Math.sin(0.3), 0),
                DeltaOperator.of(2, Math.cos(0.8), Math.sin(0.8), 0));
        assertEquals("1.0000, 0.5403 ± 0.8415i", rotation.spectrum().toString());
    }

    @Example
    void badInputIsNamed() {
        DeltaOperator a = DeltaOperator.of(1, 0.6, 0.8);
        assertThrows(IllegalArgumentException.class, () -> DeltaProduct.of(List.of()));
        assertThrows(IllegalArgumentException.class, () -> DeltaProduct.of(a, DeltaOperator.of(1, 1.0)));
        assertThrows(IllegalArgumentException.class, () -> DeltaProduct.of(a).apply(gaussian(1, 3)));
        assertThrows(IllegalArgumentException.class, () -> new Spectrum(new double[] {1}, new double[] {}));
    }

    private static double powerSum(Spectrum spectrum, int p) {
        double sum = 0;
        for (int i = 0; i < spectrum.size(); i++) {
            sum += Math.pow(spectrum.modulus(i), p) * Math.cos(p * Math.atan2(spectrum.im()[i], spectrum.re()[i]));
        }
        return sum;
    }
}
