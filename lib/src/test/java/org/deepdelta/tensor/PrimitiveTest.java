package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every primitive's backward pass against central differences, and broadcasting. */
final class PrimitiveTest {

    private enum Case {
        ADD((t, x) -> t.add(x[0], x[1]), Shape.of(2, 3, 4), Shape.of(2, 3, 4)),
        ADD_BROADCAST((t, x) -> t.add(x[0], x[1]), Shape.of(2, 3, 4), Shape.of(3, 1)),
        ADD_TWICE((t, x) -> t.add(x[0], x[0]), Shape.of(3)),
        SUBTRACT((t, x) -> t.subtract(x[0], x[1]), Shape.of(2, 1, 4), Shape.of(2, 3, 1)),
        MULTIPLY((t, x) -> t.multiply(x[0], x[1]), Shape.of(2, 3, 4), Shape.of(4)),
        SQUARE((t, x) -> t.multiply(x[0], x[0]), Shape.of(2, 3)),
        SCALE((t, x) -> t.scale(x[0], -1.5), Shape.of(5)),
        SHIFT((t, x) -> t.shift(x[0], 2), Shape.of(5)),
        POWER((t, x) -> t.power(t.exp(x[0]), -0.5), Shape.of(2, 3)),
        SIGMOID((t, x) -> t.sigmoid(x[0]), Shape.of(2, 3)),
        TANH((t, x) -> t.tanh(x[0]), Shape.of(2, 3)),
        RELU((t, x) -> t.relu(x[0]), Shape.of(2, 3)),
        EXP((t, x) -> t.exp(x[0]), Shape.of(2, 3)),
        SOFTMAX((t, x) -> t.softmax(x[0]), Shape.of(2, 3, 5)),
        SUM_AXIS((t, x) -> t.sum(x[0], 1), Shape.of(2, 3, 4)),
        SUM_ALL((t, x) -> t.sum(t.multiply(x[0], x[0])), Shape.of(2, 3, 4)),
        MATMUL((t, x) -> t.matmul(x[0], x[1]), Shape.of(2, 3, 4), Shape.of(4, 5)),
        MATMUL_BATCHED((t, x) -> t.matmul(x[0], x[1]), Shape.of(2, 3, 1, 4), Shape.of(2, 3, 4, 2)),
        CONCAT((t, x) -> t.concat(1, x[0], x[1]), Shape.of(2, 3, 4), Shape.of(2, 2, 4)),
        SLICE((t, x) -> t.slice(x[0], -1, 1, 3), Shape.of(2, 3, 4)),
        RESHAPE((t, x) -> t.multiply(t.reshape(x[0], 3, 4), x[1]), Shape.of(2, 6), Shape.of(3, 4)),
        TRANSPOSE((t, x) -> t.transpose(x[0], 2, 0, 1), Shape.of(2, 3, 4)),
        STORE((t, x) -> t.scale(t.store(x[0], true), 2), Shape.of(2, 3, 4)),
        GATHER(
                (t, x) -> t.gather(
                        x[0], t.allocate(Spec.of(DType.I32, Shape.of(2, 3))).set(0, 2, 2, 1, 2, 0)),
                Shape.of(4, 3));

        private final BiFunction<Tape, Tensor[], Tensor> f;
        private final Shape[] shapes;

        Case(BiFunction<Tape, Tensor[], Tensor> f, Shape... shapes) {
            this.f = f;
            this.shapes = shapes;
        }
    }

    @ParameterizedTest
    @EnumSource
    void backwardAgreesWithDifferences(Case c) {
        Gradients.check(c.name(), c.f, Gradients.random(3, c.shapes));
    }

    @Test
    void aRowTakenTwiceGetsBothGradients() {
        Device device = Device.reference();
        Tape t = Tape.recording(device, device.arena());
        Tensor table =
                t.variable(device.allocate(Spec.of(DType.F64, Shape.of(2, 1))).set(1, 2));
        t.backward(t.sum(
                t.gather(table, t.allocate(Spec.of(DType.I32, Shape.of(3))).set(1, 1, 0))));
        assertArrayEquals(new double[] {1, 2}, t.gradient(table).toDoubles());
    }

    @Test
    void shapesThatDoNotFitAreNamed() {
        Device device = Device.reference();
        Tape t = Tape.evaluating(device, device.arena());
        Tensor[] x = Gradients.random(1, Shape.of(2, 3), Shape.of(2, 4));
        String message = assertThrows(IllegalArgumentException.class, () -> t.add(x[0], x[1]))
                .getMessage();
        assertTrue(message.contains("[2, 3]") && message.contains("[2, 4]"), message);
        assertThrows(IllegalArgumentException.class, () -> t.matmul(x[0], x[1]));
        assertThrows(IllegalArgumentException.class, () -> t.slice(x[0], 1, 2, 5));
        assertEquals(Shape.of(2, 7), t.concat(1, x[0], x[1]).shape());
    }
}
