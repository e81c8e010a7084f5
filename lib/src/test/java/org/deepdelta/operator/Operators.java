package org.deepdelta.operator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCases;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.domains.DomainContextBase;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The operators that the properties are tried on, and the comparison that they share. */
class Operators extends DomainContextBase {

    /** Widths 1 to 8; directions of ordinary, tiny and zero length; gates inside, at the ends and outside of [0, 2]. */
    @Provide
    Arbitrary<DeltaOperator> operators() {
        return Arbitraries.integers().between(1, 8).flatMap(d -> operators(d, 3));
    }

    static Arbitrary<DeltaOperator> operators(int d, double largestGate) {
        Arbitrary<Double> gates = Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.of(0.0, 1.0, 2.0)),
                Tuple.of(
                        3,
                        Arbitraries.doubles()
                                .between(2 - largestGate, largestGate)
                                .edgeCases(EdgeCases.Config::none)));
        Arbitrary<Double> lengths = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.just(1.0)),
                Tuple.of(2, Arbitraries.doubles().between(0.5, 1.0)),
                Tuple.of(2, Arbitraries.of(0.0, 1e-320, 1e-160, 1e-9, 1e-3)));
        return Combinators.combine(gates, lengths, Arbitraries.longs().edgeCases(EdgeCases.Config::none))
                .as((beta, length, seed) -> DeltaOperator.of(
                        beta, DeltaOperator.direction(gaussian(seed, d), 0).mul(length)));
    }

    static INDArray gaussian(long seed, long... shape) {
        Random random = new Random(seed);
        INDArray array = Nd4j.create(DataType.DOUBLE, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, random.nextGaussian());
        }
        return array;
    }

    static void assertClose(INDArray expected, INDArray actual, double tolerance) {
        assertArrayEquals(expected.shape(), actual.shape());
        assertArrayEquals(
                expected.dup('c').data().asDouble(), actual.dup('c').data().asDouble(), tolerance);
    }
}
