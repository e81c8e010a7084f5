package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Accumulation, replay, and the end of a step. */
final class TapeTest {
    private final Device device = Device.reference();
    private final Arena arena = device.arena();
    private final Tape t = Tape.recording(device, arena);

    private Tensor vector(double... values) {
        return device.allocate(Spec.of(DType.F64, Shape.of(values.length))).set(values);
    }

    @Test
    void gradientsOfSeveralUsesAreAdded() {
        Tensor x = t.variable(vector(2, 3));
        t.backward(t.sum(t.add(t.multiply(x, x), t.scale(x, 5))));
        assertArrayEquals(new double[] {9, 11}, t.gradient(x).toDoubles());
    }

    @Test
    void aTapeIsWalkedBackFromSeveralSeeds() {
        Tensor x = t.variable(vector(2, 3));
        Tensor y = t.multiply(x, x);
        for (int row = 0; row < 2; row++) {
            t.clearGradients();
            double[] seed = new double[2];
            seed[row] = 1;
            t.backward(y, vector(seed));
            double[] expected = new double[2];
            expected[row] = 2 * (row + 2);
            assertArrayEquals(expected, t.gradient(x).toDoubles());
        }
    }

    @Test
    void aParametersGradientOverwritesOrAddsAsDeclared() {
        Tensor p = vector(1, 1);
        Tensor g = vector(7, 7);
        Tape first = Tape.recording(device, arena);
        first.parameter(p, g, false);
        first.backward(first.sum(first.scale(p, 2)));
        assertArrayEquals(new double[] {2, 2}, g.toDoubles());
        Tape second = Tape.recording(device, arena);
        second.parameter(p, g, true);
        second.backward(second.sum(second.add(second.scale(p, 3), p)));
        assertArrayEquals(new double[] {6, 6}, g.toDoubles());
    }

    @Test
    void aReshapedTensorSharesItsGradient() {
        Tensor x = t.variable(vector(1, 2, 3, 4));
        t.backward(t.sum(t.multiply(t.reshape(x, 2, 2), t.reshape(x, 2, 2))));
        assertArrayEquals(new double[] {2, 4, 6, 8}, t.gradient(x).toDoubles());
    }

    @Test
    void nothingArrivesWhereNothingDepends() {
        Tensor x = t.variable(vector(1));
        Tensor constant = vector(2);
        t.backward(t.sum(t.multiply(x, constant)));
        assertNull(t.gradient(constant));
        assertNull(t.gradient(t.variable(vector(5))));
    }

    @Test
    void aTensorOfAnEarlierStepThrows() {
        Tensor y = t.scale(vector(1), 2);
        arena.reset();
        String message = assertThrows(IllegalStateException.class, y::toArray).getMessage();
        assertTrue(message.contains("step that is over"), message);
    }

    @Test
    void anArenaBecomesOneBlockOfTheSizeThatAStepNeeds() {
        for (int step = 0; step < 3; step++) {
            for (int i = 0; i < 40; i++) {
                arena.allocate(Spec.of(DType.F32, Shape.of(100_000)));
            }
            arena.reset();
        }
        long settled = arena.capacity();
        for (int i = 0; i < 40; i++) {
            arena.allocate(Spec.of(DType.F32, Shape.of(100_000)));
        }
        assertEquals(settled, arena.capacity());
    }

    @Test
    void anEvaluatingTapeRefusesToWalkBack() {
        Tape evaluating = Tape.evaluating(device, arena);
        Tensor y = evaluating.sum(vector(1));
        assertThrows(IllegalStateException.class, () -> evaluating.backward(y));
        assertThrows(IllegalArgumentException.class, () -> t.backward(vector(1, 2)));
        assertThrows(IllegalArgumentException.class, () -> t.backward(t.scale(vector(1, 2), 2), vector(1)));
    }
}
