package org.deepdelta.operator;

import static org.deepdelta.operator.Operators.assertClose;
import static org.deepdelta.operator.Operators.gaussian;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.function.Executable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DeltaChunkTest {

    private static final double TOLERANCE = 1e-11;

    @Provide
    Arbitrary<List<DeltaOperator>> sequences() {
        return Arbitraries.integers()
                .between(1, 8)
                .flatMap(d -> Operators.operators(d, 2).list().ofMinSize(1).ofMaxSize(12));
    }

    private static DeltaChunk chunk(List<DeltaOperator> operators, INDArray targets) {
        int d = operators.get(0).dimension();
        INDArray keys = Nd4j.create(DataType.DOUBLE, operators.size(), d);
        INDArray gates = Nd4j.create(DataType.DOUBLE, operators.size());
        for (int t = 0; t < operators.size(); t++) {
            for (int i = 0; i < d; i++) {
                keys.putScalar(t, i, operators.get(t).k().getDouble(i));
            }
            gates.putScalar(t, operators.get(t).beta());
        }
        return DeltaChunk.of(keys, targets, gates);
    }

    @Property(tries = 150)
    void theChunkIsItsUpdatesOneByOne(
            @ForAll("sequences") List<DeltaOperator> operators,
            @ForAll @IntRange(min = 1, max = 4) int dv,
            @ForAll long seed) {
        int n = operators.size();
        int d = operators.get(0).dimension();
        INDArray targets = gaussian(seed, n, dv);
        INDArray queries = gaussian(seed + 1, n, d);
        INDArray x = gaussian(seed + 2, d, dv);
        DeltaChunk chunk = chunk(operators, targets);
        INDArray reads = chunk.reads(x, queries);
        INDArray oneByOne = x;
        for (int t = 0; t < n; t++) {
            oneByOne = operators.get(t).update(oneByOne, row(targets, t));
            INDArray read = row(queries, t).reshape(1, d).mmul(oneByOne).reshape(dv);
            assertClose(read, row(reads, t), TOLERANCE);
        }
        assertClose(oneByOne, chunk.apply(x), TOLERANCE);
    }

    @Property(tries = 100)
    void theTriangularSolveGivesTheFactorsOfTheProduct(@ForAll("sequences") List<DeltaOperator> operators) {
        DeltaProduct product = DeltaProduct.of(operators);
        DeltaChunk chunk = chunk(operators, gaussian(1, operators.size(), 2));
        assertClose(product.w(), chunk.w(), TOLERANCE);
        assertClose(product.matrix(), chunk.shortcut(), TOLERANCE);
    }

    @Property(tries = 100)
    void chunksJoinInAnyGrouping(
            @ForAll("sequences") List<DeltaOperator> operators,
            @ForAll @IntRange(min = 1, max = 11) int first,
            @ForAll @IntRange(min = 1, max = 11) int second,
            @ForAll long seed) {
        int n = operators.size();
        int a = Math.min(first, n);
        int b = Math.min(a + second, n);
        INDArray targets = gaussian(seed, n, 3);
        INDArray x = gaussian(seed + 1, operators.get(0).dimension(), 3);
        DeltaChunk whole = chunk(operators, targets);
        DeltaChunk one = part(operators, targets, 0, a);
        if (b < n && a < b) {
            DeltaChunk two = part(operators, targets, a, b);
            DeltaChunk three = part(operators, targets, b, n);
            assertClose(whole.w(), one.then(two).then(three).w(), TOLERANCE);
            assertClose(whole.apply(x), one.then(two.then(three)).apply(x), TOLERANCE);
        } else if (a < n) {
            DeltaChunk rest = part(operators, targets, a, n);
            assertClose(whole.apply(x), one.then(rest).apply(x), TOLERANCE);
            assertClose(whole.apply(x), rest.apply(one.apply(x)), TOLERANCE);
            assertEquals(n, one.then(rest).size());
        }
    }

    @Example
    void badInputIsNamed() {
        INDArray keys = gaussian(1, 3, 2);
        INDArray targets = gaussian(2, 3, 4);
        INDArray gates = Nd4j.ones(DataType.DOUBLE, 3);
        DeltaChunk chunk = DeltaChunk.of(keys, targets, gates);
        assertMessage("keys: expected shape [-1, -1] (-1: any), got [3]", () -> DeltaChunk.of(gates, targets, gates));
        assertMessage("targets: expected shape [3, -1]", () -> DeltaChunk.of(keys, gaussian(2, 2, 4), gates));
        assertMessage("gates: expected shape [3]", () -> DeltaChunk.of(keys, targets, Nd4j.ones(4)));
        assertMessage("expected finite numbers", () -> DeltaChunk.of(keys, targets, gates.div(0)));
        assertMessage("state: expected shape [2, 4]", () -> chunk.apply(gaussian(1, 3, 4)));
        assertMessage("queries: expected shape [3, 2]", () -> chunk.reads(gaussian(1, 2, 4), targets));
        DeltaChunk wider = DeltaChunk.of(gaussian(1, 3, 5), targets, gates);
        assertMessage("keys of the later chunk: expected shape [-1, 2]", () -> chunk.then(wider));
        DeltaChunk other = DeltaChunk.of(keys, gaussian(2, 3, 1), gates);
        assertMessage("targets of the later chunk: expected shape [-1, 4]", () -> chunk.then(other));
    }

    private static DeltaChunk part(List<DeltaOperator> operators, INDArray targets, int from, int to) {
        INDArray some = Nd4j.create(DataType.DOUBLE, to - from, targets.size(1));
        for (int t = from; t < to; t++) {
            some.putRow(t - from, row(targets, t));
        }
        return chunk(operators.subList(from, to), some);
    }

    private static INDArray row(INDArray matrix, int t) {
        return matrix.getRow(t).dup();
    }

    private static void assertMessage(String part, Executable code) {
        String message = assertThrows(IllegalArgumentException.class, code).getMessage();
        assertTrue(message.contains(part), message);
    }
}
