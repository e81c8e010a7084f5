package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A sequence in steps sees what the whole sequence sees, and steps that do not belong together are refused. */
final class PastTest {
    private static final int LENGTH = 9;

    private enum Place {
        DEVICE_FOR_DOUBLE(Device.reference(), DType.F64),
        DEVICE_FOR_SINGLE(Device.cpu(), DType.F32);

        private final Device device;
        private final DType type;

        Place(Device device, DType type) {
            this.device = device;
            this.type = type;
        }

        Tensor sequence(long... sizes) {
            Shape shape = Shape.of(sizes);
            return device.allocate(Spec.of(type, shape)).set(Gradients.random(1, shape)[0].toDoubles());
        }
    }

    private final Device device = Device.reference();
    private final Arena arena = device.arena();
    private final Past past = new Past(device);

    private Tensor rows(long batch, long length) {
        Shape shape = Shape.of(batch, length, 3);
        return device.allocate(Spec.of(DType.F64, shape)).set(Gradients.random(2, shape)[0].toDoubles());
    }

    private Tape step() {
        return Tape.generating(device, arena, past);
    }

    /** The function on a tape of its own for every step, joined; an arena that is reset between steps shows what is not kept. */
    private static double[] inSteps(Place place, Tensor x, BiFunction<Tape, Tensor, Tensor> f, int... steps) {
        Arena arena = place.device.arena();
        Past past = new Past(place.device);
        List<Tensor> parts = new ArrayList<>();
        long from = 0;
        for (int step : steps) {
            arena.reset();
            Tape t = Tape.generating(place.device, arena, past);
            assertEquals(from, t.position());
            Tensor y = f.apply(t, t.slice(x, 1, from, from + step));
            parts.add(place.device.allocate(y.spec()).set(y.toArray()));
            past.advance(step);
            from += step;
        }
        Tape t = Tape.evaluating(place.device, arena);
        return t.concat(1, parts.toArray(Tensor[]::new)).toDoubles();
    }

    /** x_t + 2 x_(t-1) + 3 x_(t-2), zeros before the first. */
    private static Tensor convolution(Tape t, Tensor x) {
        long[] sizes = x.shape().toArray();
        long length = sizes[1];
        sizes[1] = 2;
        Tensor padded = t.concat(1, t.constant(x.type(), Shape.of(sizes), 0), x);
        Tensor now = t.slice(padded, 1, 2, length + 2);
        Tensor last = t.scale(t.slice(padded, 1, 1, length + 1), 2);
        return t.add(t.add(now, last), t.scale(t.slice(padded, 1, 0, length), 3));
    }

    @ParameterizedTest
    @EnumSource
    void aCausalFunctionDoesNotSeeWhereAStepEnds(Place place) {
        Tensor x = place.sequence(2, LENGTH, 5);
        BiFunction<Tape, Tensor, Tensor> twice = (t, in) -> {
            Tensor y = t.causal(in, 2, z -> convolution(t, z));
            return t.causal(y, 2, z -> convolution(t, z));
        };
        Tape whole = Tape.evaluating(place.device, place.device.arena());
        double[] expected = twice.apply(whole, x).toDoubles();
        assertArrayEquals(expected, inSteps(place, x, twice, LENGTH));
        assertArrayEquals(expected, inSteps(place, x, twice, 1, 1, 1, 1, 1, 1, 1, 1, 1));
        assertArrayEquals(expected, inSteps(place, x, twice, 1, 4, 2, 1, 1));
    }

    @ParameterizedTest
    @EnumSource
    void aStateStoredChannelMajorIsKeptToo(Place place) {
        Tensor x = place.sequence(2, LENGTH, 5, 3);
        BiFunction<Tape, Tensor, Tensor> f =
                (t, in) -> t.causal(t.store(in, true), 2, z -> convolution(t, t.store(z, false)));
        Tape whole = Tape.evaluating(place.device, place.device.arena());
        assertArrayEquals(convolution(whole, x).toDoubles(), inSteps(place, x, f, 1, 5, 3));
    }

    @Test
    void whatLooksBackNoRowsKeepsNothing() {
        Tensor x = rows(1, 2);
        assertSame(x, step().causal(x, 0, z -> z));
        Tape training = Tape.evaluating(device, arena);
        assertSame(x, training.causal(x, 3, z -> z));
        assertSame(x, training.grow(x));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3})
    void everythingSoFarGrowsAcrossBuffers(long batch) {
        Tensor x = rows(batch, 40);
        Tape whole = Tape.evaluating(device, arena);
        long end = 0;
        for (int step : new int[] {3, 1, 1, 2, 1, 17, 1, 14}) {
            Tape t = step();
            Tensor part = t.slice(x, 1, end, end + step);
            Tensor other = t.grow(t.scale(part, -1));
            Tensor all = t.grow(part);
            end += step;
            past.advance(step);
            double[] expected = whole.slice(x, 1, 0, end).toDoubles();
            assertEquals(Shape.of(batch, end, 3), all.shape());
            assertArrayEquals(expected, all.toDoubles());
            assertArrayEquals(expected, whole.scale(other, -1).toDoubles());
        }
        assertEquals(40, past.position());
    }

    @Test
    void aStepOfAnotherBatchOrWidthIsRefused() {
        step().grow(rows(2, 4));
        past.advance(4);
        String message = assertThrows(IllegalArgumentException.class, () -> step().grow(rows(1, 1)))
                .getMessage();
        assertTrue(message.contains("[1, 4, 3]") || message.contains("[1, 1, 3]"), message);
        assertTrue(message.contains("[2, 4, 3]"), message);
        Tensor wide = device.allocate(Spec.of(DType.F64, Shape.of(2, 1, 5)));
        assertThrows(IllegalArgumentException.class, () -> step().grow(wide));
        Tensor single = device.allocate(Spec.of(DType.F32, Shape.of(2, 1, 3)));
        assertThrows(IllegalArgumentException.class, () -> step().grow(single));
    }

    @Test
    void stepsThatLookBackDifferentlyAreRefused() {
        step().causal(rows(1, 2), 2, z -> z);
        past.advance(2);
        assertThrows(IllegalArgumentException.class, () -> step().causal(rows(1, 2), 3, z -> z));
        assertThrows(IllegalArgumentException.class, () -> step().causal(rows(2, 2), 2, z -> z));
    }

    @Test
    void aForgottenAdvanceIsNoticed() {
        step().grow(rows(1, 4));
        String message = assertThrows(IllegalArgumentException.class, () -> step().grow(rows(1, 1)))
                .getMessage();
        assertTrue(message.contains("position 0") && message.contains("advance"), message);
    }

    @Test
    void aPlaceThatEarlierStepsDidNotHaveIsRefused() {
        Tape first = step();
        first.grow(rows(1, 1));
        past.advance(1);
        Tape second = step();
        second.grow(rows(1, 1));
        String message = assertThrows(IllegalArgumentException.class, () -> second.grow(rows(1, 1)))
                .getMessage();
        assertTrue(message.contains("new place"), message);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1})
    void aStepHasTokens(long tokens) {
        assertThrows(IllegalArgumentException.class, () -> past.advance(tokens));
    }

    @Test
    void aStepWithoutTokensIsRefused() {
        Tensor empty = device.allocate(Spec.of(DType.F64, Shape.of(1, 0, 3)));
        assertThrows(IllegalArgumentException.class, () -> step().grow(empty));
        assertThrows(IllegalArgumentException.class, () -> step().causal(empty, 1, z -> z));
    }

    @Test
    void bytesAreThoseOfTheRowsRemembered() {
        for (int step = 1; step <= 5; step++) {
            Tape t = step();
            t.grow(rows(2, 1)); // every token of 2 x 3 doubles
            t.causal(rows(2, 1), 3, x -> x); // the last three
            past.advance(1);
            assertEquals(48 * step + 48 * 3, past.bytes());
        }
    }
}
