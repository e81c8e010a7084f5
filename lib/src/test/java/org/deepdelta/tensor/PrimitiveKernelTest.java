package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.function.DoubleUnaryOperator;
import org.deepdelta.tensor.cuda.HostDevices;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every primitive's kernels against its reference, forward and backward, at odd sizes, with step memory poisoned with NaN. */
final class PrimitiveKernelTest {
    private static final double TOLERANCE = 2e-6;
    private static final double HALF_TOLERANCE = 0.012; // three units in the last place of the largest entry

    private enum Case {
        ADD((t, x) -> t.add(x[0], x[1]), Shape.of(3, 5, 7), Shape.of(3, 5, 7)),
        ADD_BROADCAST((t, x) -> t.add(x[0], x[1]), Shape.of(3, 5, 7), Shape.of(5, 1)),
        ADD_STATES(
                (t, x) -> t.add(t.store(x[0], true), t.store(x[1], true)), Shape.of(2, 3, 5, 3), Shape.of(2, 3, 5, 3)),
        SUBTRACT((t, x) -> t.subtract(x[0], x[1]), Shape.of(19), Shape.of(19)),
        SUBTRACT_MIXED((t, x) -> t.subtract(t.store(x[0], true), x[1]), Shape.of(2, 3, 5, 3), Shape.of(2, 3, 5, 3)),
        MULTIPLY((t, x) -> t.multiply(x[0], x[1]), Shape.of(3, 37), Shape.of(3, 37)),
        MULTIPLY_BROADCAST((t, x) -> t.multiply(x[0], x[1]), Shape.of(2, 1, 5), Shape.of(2, 3, 1)),
        MULTIPLY_STATE((t, x) -> t.multiply(t.store(x[0], true), x[1]), Shape.of(2, 3, 5, 3), Shape.of(2, 3, 1, 3)),
        SQUARE((t, x) -> t.multiply(x[0], x[0]), Shape.of(21)),
        SCALE((t, x) -> t.scale(x[0], -1.5), Shape.of(33)),
        SHIFT((t, x) -> t.shift(x[0], 0.3), Shape.of(33)),
        POWER((t, x) -> t.power(t.exp(x[0]), -0.5), Shape.of(5, 5)),
        SIGMOID((t, x) -> t.sigmoid(x[0]), Shape.of(5, 7)),
        TANH((t, x) -> t.tanh(x[0]), Shape.of(5, 7)),
        RELU((t, x) -> t.relu(x[0]), Shape.of(5, 7)),
        EXP((t, x) -> t.exp(x[0]), Shape.of(5, 7)),
        SOFTMAX((t, x) -> t.softmax(x[0]), Shape.of(2, 3, 17)),
        SUM_AXIS((t, x) -> t.sum(x[0], 1), Shape.of(3, 5, 7)),
        SUM_STATE((t, x) -> t.sum(t.store(x[0], true), 2), Shape.of(2, 3, 5, 3)),
        SUM_ALL((t, x) -> t.sum(x[0]), Shape.of(3, 5, 7)),
        MATMUL((t, x) -> t.matmul(x[0], x[1]), Shape.of(2, 3, 5), Shape.of(5, 7)),
        MATMUL_BATCHED((t, x) -> t.matmul(x[0], t.store(x[1], true)), Shape.of(2, 3, 1, 5), Shape.of(2, 3, 5, 3)),
        MULTIPLY_STATE_SCALAR((t, x) -> t.multiply(t.store(x[0], true), x[1]), Shape.of(2, 3, 5, 3), Shape.of(1)),
        SUBTRACT_STATE_FROM_PLANE(
                (t, x) -> t.subtract(x[0], t.store(x[1], true)), Shape.of(2, 3, 5, 3), Shape.of(5, 3)),
        SUM_MANY((t, x) -> t.sum(x[0]), Shape.of(3, 11_000)),
        CONCAT_STATES((t, x) -> t.concat(2, t.store(x[0], true), x[1]), Shape.of(2, 3, 5, 3), Shape.of(2, 3, 1, 3)),
        SLICE_STATE((t, x) -> t.slice(t.store(x[0], true), 2, 1, 4), Shape.of(2, 3, 5, 3)),
        TRANSPOSE_STATE((t, x) -> t.transpose(t.store(x[0], true), 3, 1, 0, 2), Shape.of(2, 3, 5, 3)),
        CONCAT((t, x) -> t.concat(1, x[0], x[1]), Shape.of(2, 3, 5), Shape.of(2, 2, 5)),
        SLICE((t, x) -> t.slice(x[0], -1, 1, 3), Shape.of(2, 3, 5)),
        SOFTMAX_STATE((t, x) -> t.softmax(t.store(x[0], true)), Shape.of(2, 3, 5, 3)),
        RESHAPE_STATE((t, x) -> t.scale(t.reshape(t.store(x[0], true), 6, 15), 2), Shape.of(2, 3, 5, 3)),
        TRANSPOSE((t, x) -> t.transpose(x[0], 2, 0, 1), Shape.of(2, 3, 5)),
        GATHER(
                (t, x) -> t.gather(
                        x[0], t.allocate(Spec.of(DType.I32, Shape.of(5))).set(3, 0, 3, 1, 3)),
                Shape.of(4, 5));

        private final BiFunction<Tape, Tensor[], Tensor> f;
        private final Shape[] shapes;

        Case(BiFunction<Tape, Tensor[], Tensor> f, Shape... shapes) {
            this.f = f;
            this.shapes = shapes;
        }
    }

    @ParameterizedTest
    @EnumSource
    void kernelAgreesWithReference(Case c) {
        double[][] expected = run(c, Device.reference(), DType.F32, "reference", x -> x);
        assertClose(c, TOLERANCE, expected, run(c, Device.cpu(), DType.F32, "cpu", x -> x));
    }

    @ParameterizedTest
    @EnumSource
    void cudaAgreesWithReference(Case c) {
        double[][] expected = run(c, Device.reference(), DType.F32, "reference", x -> x);
        double[][] actual = run(c, HostDevices.forward(), DType.F32, "cuda", x -> x);
        assertClose(c, TOLERANCE, expected, actual);
        assertArrayEquals(actual, run(c, HostDevices.reversed(), DType.F32, "cuda", x -> x));
    }

    @ParameterizedTest
    @EnumSource
    void cudaAgreesInHalfPrecision(Case c) {
        double[][] expected = run(c, Device.reference(), DType.F32, "reference", PrimitiveKernelTest::rounded);
        double[][] actual = run(c, HostDevices.forward(), DType.BF16, "cuda", PrimitiveKernelTest::rounded);
        assertClose(c, HALF_TOLERANCE, expected, actual);
    }

    /** To bf16. */
    private static double rounded(double x) {
        int bits = Float.floatToRawIntBits((float) x);
        return Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF0000);
    }

    private static void assertClose(Case c, double tolerance, double[][] expected, double[][] actual) {
        for (int i = 0; i < expected.length; i++) {
            String what = c + (i == 0 ? ": output" : ": gradient of input " + (i - 1));
            new ExpectedTensor(what, expected[i]).assertNear(actual[i], tolerance);
        }
    }

    private static double[][] run(
            Case c, Device device, DType type, String implementation, DoubleUnaryOperator rounding) {
        Arena arena = device.arena();
        for (int i = 0; i < 3; i++) {
            device.fill(arena.allocate(Spec.of(type, Shape.of(60_000))), Double.NaN);
        }
        arena.reset();
        Tape t = Tape.recording(device, arena);
        Tensor[] wide = Gradients.random(11, c.shapes);
        Tensor[] inputs = new Tensor[wide.length];
        for (int i = 0; i < wide.length; i++) {
            inputs[i] =
                    t.variable(device.allocate(Spec.of(type, wide[i].shape())).set(values(wide[i], rounding)));
        }
        Tensor y = c.f.apply(t, inputs);
        Tensor upstream = Gradients.random(12, y.shape())[0];
        t.backward(y, arena.allocate(Spec.of(type, y.shape())).set(values(upstream, rounding)));
        assertTrue(t.ran().keySet().stream().allMatch(name -> name.endsWith(" " + implementation)), t.ran()::toString);
        double[][] results = new double[1 + inputs.length][];
        results[0] = y.toDoubles();
        for (int i = 0; i < inputs.length; i++) {
            results[1 + i] = t.gradient(inputs[i]).toDoubles();
        }
        arena.close();
        return results;
    }

    private static double[] values(Tensor tensor, DoubleUnaryOperator rounding) {
        return Arrays.stream(tensor.toDoubles()).map(rounding).toArray();
    }
}
