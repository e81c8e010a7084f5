package org.deepdelta.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.deepdelta.model.DeltaNetworkConfig.Rule;
import org.deepdelta.nn.Parameter;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Gradients;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DeltaNetworkTest {
    private static final int ROWS = 5;

    static Stream<Arguments> networks() {
        return Arrays.stream(Rule.values()).flatMap(rule -> Stream.of(1, 3).map(dv -> Arguments.of(rule, dv)));
    }

    private static DeltaNetworkConfig config(Rule rule, int dv) {
        return DeltaNetworkConfig.of(4, 6, 3, 2, 5, dv, 3).with(rule);
    }

    private static DeltaNetwork reference(DeltaNetworkConfig config) {
        return new DeltaNetwork(config, Device.reference(), DType.F64, 3);
    }

    private static Tensor ids(Tape t, DeltaNetworkConfig config, int rows) {
        Rng rng = Rng.of(5, "ids");
        int[] ids = new int[rows * config.features()];
        Arrays.setAll(ids, i -> (int) rng.below(i, config.levels()));
        return t.allocate(Spec.of(DType.I32, Shape.of(rows, config.features()))).set(ids);
    }

    /** Classes 0, 1, 2, ... except for one row that does not count; what stands at other positions must not matter. */
    private static Tensor targets(Tape t, DeltaNetworkConfig config, int rows) {
        int[] targets = new int[rows * config.features()];
        Arrays.fill(targets, 77);
        for (int row = 0; row < rows; row++) {
            targets[row * config.features()] = row == 1 ? -1 : row % config.classes();
        }
        return t.allocate(Spec.of(DType.I32, Shape.of(rows, config.features()))).set(targets);
    }

    /** Biases away from zero: near it a norm bends more than differences can follow. */
    @ParameterizedTest
    @MethodSource("networks")
    void gradientsAgreeWithDifferences(Rule rule, int dv) {
        DeltaNetworkConfig config = DeltaNetworkConfig.of(2, 6, 3, 2, 3, dv, 2).with(rule);
        DeltaNetwork network = reference(config);
        Rng rng = Rng.of(9, "biases");
        for (Parameter p : network.parameters().list()) {
            if (p.name().endsWith("bias")) {
                double[] values = new double[(int) p.shape().size()];
                Arrays.setAll(values, i -> rng.at(p.name().hashCode()).normal(i));
                p.value().set(values);
            }
        }
        Gradients.check(
                rule + " dv " + dv,
                (t, x) -> network.loss(t, ids(t, config, 3), targets(t, config, 3), 3.7),
                network.parameters().list().stream().map(Parameter::value).toArray(Tensor[]::new));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void kernelsAgreeWithReferences(Rule rule, int dv) {
        DeltaNetworkConfig config =
                DeltaNetworkConfig.of(17, 6, 11, 4, 21, dv, 19).with(rule);
        DeltaNetwork fused = new DeltaNetwork(config, Device.cpu(), DType.F32, 3);
        DeltaNetwork plain = reference(config);
        plain.parameters().storage().set(fused.parameters().storage().toDoubles());
        Result actual = Result.of(fused, Device.cpu());
        Result expected = Result.of(plain, Device.reference());
        actual.ran.keySet().forEach(name -> assertTrue(name.endsWith(" cpu"), name + ": expected a kernel"));
        expected.tensors.forEach((name, e) -> {
            double[] a = actual.tensors.get(name);
            double largest = Arrays.stream(e).map(Math::abs).max().getAsDouble();
            assertArrayEquals(e, a, 5e-5 * largest + 1e-9, name);
        });
    }

    /** Loss and gradients. */
    private record Result(Map<String, double[]> tensors, Map<String, Integer> ran) {
        static Result of(DeltaNetwork network, Device device) {
            Arena arena = device.arena();
            Tape t = Tape.recording(device, arena);
            Tensor gradients = network.parameters().like(device);
            network.parameters().bind(t, gradients, false);
            Tensor loss = network.loss(t, ids(t, network.config(), ROWS), targets(t, network.config(), ROWS), ROWS - 1);
            t.backward(loss);
            Map<String, double[]> tensors = new LinkedHashMap<>();
            tensors.put("loss", loss.toDoubles());
            network.parameters().named(gradients).forEach((name, g) -> tensors.put(name, g.toDoubles()));
            arena.close();
            return new Result(tensors, t.ran());
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void parametersAreCounted(Rule rule, int dv) {
        assertEquals(
                config(rule, dv).parameters(),
                reference(config(rule, dv)).parameters().count());
        assertEquals(
                DeltaNetworkConfig.of(196, 256, 10, 8, 32, 4, 32).parameters(),
                new DeltaNetwork(DeltaNetworkConfig.of(196, 256, 10, 8, 32, 4, 32), Device.reference(), DType.F32, 0)
                        .parameters()
                        .count());
    }

    @Test
    void theAdditiveControlHasAsManyParameters() {
        for (int dv : new int[] {1, 2, 4, 8}) {
            DeltaNetworkConfig delta = DeltaNetworkConfig.of(196, 256, 10, 8, 32, dv, 32);
            long difference = delta.with(Rule.ADDITIVE).parameters() - delta.parameters();
            long unit = 8 * (32 + 1 + 32 * dv);
            assertTrue(2 * Math.abs(difference) <= unit, dv + ": " + difference + " of at most half of " + unit);
            assertEquals(delta.parameters(), delta.with(Rule.WRITE).parameters());
        }
    }

    @ParameterizedTest
    @EnumSource(names = "ADDITIVE", mode = EnumSource.Mode.EXCLUDE)
    void aClosedGateIsTheIdentity(Rule rule) {
        for (int dv : new int[] {1, 3}) {
            DeltaNetworkConfig config =
                    DeltaNetworkConfig.of(4, 6, 3, 6, 5, dv, 3).with(rule);
            closed(config, Device.cpu(), DType.F32);
            closed(config, Device.reference(), DType.F64);
        }
    }

    private static void closed(DeltaNetworkConfig config, Device device, DType type) {
        Map<String, double[]> closed = states(new DeltaNetwork(config.withGate(0), device, type, 3), device);
        Map<String, double[]> open = states(new DeltaNetwork(config, device, type, 3), device);
        for (int l = 1; l <= config.depth(); l++) {
            assertArrayEquals(closed.get("X.0"), closed.get("X." + l));
            assertNotEquals(Arrays.toString(open.get("X.0")), Arrays.toString(open.get("X." + l)));
        }
    }

    /** Eq. (2.3): a block with beta = 1 leaves v in the read channel; Eq. (2.4) for other gates. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void theGateIsWhatTheBlockDoes(int dv) {
        DeltaNetworkConfig config = config(Rule.DELTA, dv);
        for (double beta : new double[] {0.5, 1, 2}) {
            Map<String, double[]> w = states(reference(config.withGate(beta)), Device.reference());
            for (int j = 0; j < dv; j++) {
                double v = w.get("block.1.v")[j];
                double before = 0;
                double after = 0;
                for (int i = 0; i < config.d(); i++) {
                    double k = w.get("block.1.k")[i];
                    before += k * w.get("X.1")[i * dv + j];
                    after += k * w.get("X.2")[i * dv + j];
                }
                assertEquals((1 - beta) * (before - v), after - v, 1e-9, "beta " + beta);
            }
        }
    }

    private static Map<String, double[]> states(DeltaNetwork network, Device device) {
        Arena arena = device.arena();
        Tape t = Tape.evaluating(device, arena).watching();
        network.logits(t, ids(t, network.config(), ROWS));
        Map<String, double[]> watched = new LinkedHashMap<>();
        t.watched().forEach((name, tensor) -> watched.put(name, tensor.toDoubles()));
        arena.close();
        return watched;
    }

    @Test
    void watchingChangesNothing() {
        for (int dv : new int[] {1, 3}) {
            DeltaNetwork network = new DeltaNetwork(config(Rule.DELTA, dv), Device.cpu(), DType.F32, 3);
            Arena arena = Device.cpu().arena();
            Tape t = Tape.evaluating(Device.cpu(), arena);
            double[] logits = network.logits(t, ids(t, network.config(), ROWS)).toDoubles();
            assertArrayEquals(logits, states(network, Device.cpu()).get("logits"));
            arena.close();
        }
    }

    @Test
    void theGateStartsWhereItIsTold() {
        DeltaNetworkConfig c = config(Rule.DELTA, 3);
        for (double start : new double[] {0, 0.5, 1, 2}) {
            DeltaNetworkConfig config = new DeltaNetworkConfig(
                    c.features(),
                    c.levels(),
                    c.classes(),
                    c.depth(),
                    c.d(),
                    c.dv(),
                    c.width(),
                    c.rule(),
                    1e-5,
                    start,
                    null);
            DeltaNetwork network = reference(config);
            network.state().get("block.0.beta.out.weight").set(new double[config.width()]);
            double[] beta = states(network, Device.reference()).get("block.0.beta");
            assertEquals(ROWS, beta.length);
            assertEquals(start, beta[0], 1e-5);
        }
    }

    @Test
    void theMostLikelyClassIsTheAnswer() {
        DeltaNetwork network = reference(config(Rule.DELTA, 3));
        network.state().get("head.bias").set(0.0, 50.0, 0.0);
        Arena arena = Device.reference().arena();
        Tape t = Tape.evaluating(Device.reference(), arena);
        assertArrayEquals(new int[] {1, 1, 1, 1, 1}, network.classify(t, ids(t, network.config(), ROWS)));
        network.state().get("head.weight").set(new double[3 * 15]);
        network.state().get("head.bias").set(-1.0, 2.0, 2.0);
        assertArrayEquals(new int[] {1, 1}, network.classify(t, ids(t, network.config(), 2)));
        arena.close();
    }

    @Test
    void wrongInputIsNamed() {
        DeltaNetworkConfig config = config(Rule.DELTA, 3);
        DeltaNetwork network = reference(config);
        Tape t = Tape.evaluating(Device.reference(), Device.reference().arena());
        Tensor five = t.allocate(Spec.of(DType.I32, Shape.of(2, 5))).set(new int[10]);
        Tensor four = t.allocate(Spec.of(DType.I32, Shape.of(2, 4))).set(0, 1, 2, 3, 4, 5, 0, 6);
        refused("network: ids: expected [*, 4], got [2, 5]", () -> network.logits(t, five));
        refused("network: targets: expected [2, 4], got [2, 5]", () -> network.loss(t, four, five, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> {
            DeltaNetwork fused = new DeltaNetwork(config, Device.cpu(), DType.F32, 3);
            Tape cpu = Tape.evaluating(Device.cpu(), Device.cpu().arena());
            fused.logits(cpu, cpu.allocate(four.spec()).set(0, 1, 2, 3, 4, 5, 0, 6));
        });
    }

    @Test
    void wrongSizesAreNamed() {
        refused("network: depth: expected > 0, got 0", () -> DeltaNetworkConfig.of(4, 6, 3, 0, 5, 1, 3));
        refused("network: dv: expected > 0, got -1", () -> DeltaNetworkConfig.of(4, 6, 3, 2, 5, -1, 3));
        refused("network: gate: expected in [0, 2], got 2.5", () -> config(Rule.DELTA, 1)
                .withGate(2.5));
        refused("without a gate, ADDITIVE", () -> config(Rule.ADDITIVE, 1).withGate(1));
        refused("expected DELTA", () -> config(null, 1));
    }

    private static void refused(String part, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
