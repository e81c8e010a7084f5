package org.deepdelta.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.ExpectedTensor;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every residual rule has to keep, in a whole model whose parameters are all away from their start. */
final class RulesTest {
    private static final int V = 7;
    private static final int B = 2;
    private static final int T = 5;
    /** Small, and the difference of fourth order: along a compressor's read vector the loss bends within 1e-3. */
    private static final double STEP = 5e-6;

    static String[] rules() {
        return Rules.ALL;
    }

    /** Along one random direction of each parameter, in which every element has its part. */
    @ParameterizedTest
    @MethodSource("rules")
    void gradientsAgreeWithDifferences(String rule) {
        Device device = Device.reference();
        Gpt gpt = gpt(rule, device, DType.F64);
        Map<String, Tensor> analytic = gradients(gpt, device, DType.F64);
        gpt.parameters().named().forEach((name, value) -> {
            double[] gradient = analytic.get(name).toDoubles();
            double[] direction = direction(name, gradient.length);
            double slope = 0;
            for (int i = 0; i < gradient.length; i++) {
                slope += gradient[i] * direction[i];
            }
            double numeric = (8 * difference(gpt, device, value, direction, STEP)
                            - difference(gpt, device, value, direction, 2 * STEP))
                    / (12 * STEP);
            assertEquals(
                    numeric,
                    slope,
                    1e-7 * Math.max(1e-3, new ExpectedTensor(name, gradient).largest()) + 1e-9,
                    rule + ": " + name + ": slope by differences and by the backward pass");
        });
    }

    @ParameterizedTest
    @MethodSource("rules")
    void kernelsEqualReferences(String rule) {
        Map<String, Tensor> expected =
                gradients(gpt(rule, Device.reference(), DType.F64), Device.reference(), DType.F64);
        Map<String, Tensor> actual = gradients(gpt(rule, Device.cpu(), DType.F32), Device.cpu(), DType.F32);
        expected.forEach((name, tensor) -> {
            double[] values = actual.get(name).toDoubles();
            new ExpectedTensor(rule + ": " + name, tensor.toDoubles()).assertNear(values, 1e-4, 1e-6);
        });
    }

    /** A tape that is watched computes in single operations; a rule's fused step has to give the same bits. */
    @ParameterizedTest
    @MethodSource("rules")
    void fusedEqualsComposed(String rule) {
        Device device = Device.cpu();
        Map<String, Tensor> fused = gradients(gpt(rule, device, DType.F32), device, DType.F32);
        Map<String, Tensor> composed = gradients(gpt(rule, device, DType.F32), device, DType.F32, true);
        composed.forEach((name, tensor) ->
                assertArrayEquals(tensor.toDoubles(), fused.get(name).toDoubles(), rule + ": " + name));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aTextReadInPiecesGivesTheLogitsOfTheWhole(String rule) {
        for (Device device : new Device[] {Device.reference(), Device.cpu()}) {
            boolean exact = !device.describe().startsWith("cpu");
            Gpt gpt = gpt(rule, device, exact ? DType.F64 : DType.F32);
            int length = 9;
            int[] ids = ids(B * length);
            Arena arena = device.arena();
            Tape t = Tape.evaluating(device, arena);
            double[] whole = gpt.logits(t, tensor(t, ids, length), 2).toDoubles();
            double[] last = new double[B * V];
            try (Continuation text = new Continuation(gpt, device, 2)) {
                int from = 0;
                for (int count : new int[] {1, 3, 1, 2, 1, 1}) {
                    int[][] piece = new int[B][];
                    for (int b = 0; b < B; b++) {
                        piece[b] = Arrays.copyOfRange(ids, b * length + from, b * length + from + count);
                    }
                    double[][] logits = text.read(piece);
                    from += count;
                    for (int b = 0; b < B; b++) {
                        int at = (b * length + from - 1) * V;
                        String what = rule + ": logits after " + from + " tokens";
                        new ExpectedTensor(what, Arrays.copyOfRange(whole, at, at + V))
                                .assertNear(logits[b], exact ? 1e-12 : 1e-5);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aDescriptionMakesTheSameRule(String rule) {
        String described = ResidualStream.of(rule).describe();
        assertEquals(described, ResidualStream.of(described).describe());
    }

    private static Gpt gpt(String rule, Device device, DType type) {
        Gpt gpt = new Gpt(GptConfig.of(V, 1, 2, 8), ResidualStream.of(rule), device, type, 3);
        gpt.parameters().named().forEach((name, value) -> {
            Rng rng = Rng.of(5, name);
            double[] values = value.toDoubles();
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.3 * rng.normal(i));
            }
            value.set(values);
        });
        return gpt;
    }

    private static int[] ids(int count) {
        Rng rng = Rng.of(2, "ids");
        int[] ids = new int[count];
        Arrays.setAll(ids, i -> (int) rng.below(i, V));
        return ids;
    }

    private static Tensor tensor(Tape t, int[] ids, int length) {
        return t.allocate(Spec.of(DType.I32, Shape.of(ids.length / length, length)))
                .set(ids);
    }

    private static Tensor loss(Gpt gpt, Tape t) {
        int[] targets = ids(B * T + 1);
        return gpt.loss(t, tensor(t, ids(B * T), T), tensor(t, Arrays.copyOfRange(targets, 1, B * T + 1), T), B * T);
    }

    /** A direction of length 1. */
    private static double[] direction(String name, int size) {
        Rng rng = Rng.of(11, name);
        double[] u = new double[size];
        Arrays.setAll(u, rng::normal);
        double length = Math.sqrt(Arrays.stream(u).map(x -> x * x).sum());
        return Arrays.stream(u).map(x -> x / length).toArray();
    }

    /** The loss with a parameter moved along a direction, less the loss with it moved against it. */
    private static double difference(Gpt gpt, Device device, Tensor parameter, double[] direction, double step) {
        double[] values = parameter.toDoubles();
        double sum = 0;
        for (int sign : new int[] {1, -1}) {
            double[] moved = values.clone();
            Arrays.setAll(moved, i -> values[i] + sign * step * direction[i]);
            parameter.set(moved);
            Arena arena = device.arena();
            sum += sign * loss(gpt, Tape.evaluating(device, arena)).item();
            arena.close();
        }
        parameter.set(values);
        return sum;
    }

    private static Map<String, Tensor> gradients(Gpt gpt, Device device, DType type) {
        return gradients(gpt, device, type, false);
    }

    private static Map<String, Tensor> gradients(Gpt gpt, Device device, DType type, boolean watched) {
        Arena arena = device.arena();
        Tape t = Tape.recording(device, arena);
        if (watched) {
            t.watching();
        }
        Tensor gradients = gpt.parameters().like(device);
        gpt.parameters().bind(t, gradients, false);
        Tensor loss = loss(gpt, t);
        t.backward(loss);
        Map<String, Tensor> named = gpt.parameters().named(gradients);
        named.put("loss", device.allocate(loss.spec()).set(loss.item()));
        if (type == DType.F32) {
            t.ran().keySet().forEach(op -> assertTrue(op.endsWith(" cpu"), op));
        }
        arena.close();
        return named;
    }
}
