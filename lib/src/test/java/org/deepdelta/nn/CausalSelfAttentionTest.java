package org.deepdelta.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.deepdelta.nn.CausalSelfAttention.Config;
import org.deepdelta.nn.CausalSelfAttention.Inputs;
import org.deepdelta.nn.CausalSelfAttention.Outputs;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Gradients;
import org.deepdelta.tensor.Past;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attention with every option: in steps as at once, gradients, parameters, and what is refused. */
final class CausalSelfAttentionTest {
    private static final int WIDTH = 10;
    private static final int HEADS = 3;
    private static final int HEAD_WIDTH = 6;
    private static final int LENGTH = 9;
    private static final Inputs SHIFTED =
            new Inputs(Activation.IDENTITY, Activation.IDENTITY, Activation.IDENTITY, true, true);
    private static final Inputs ACTIVATED =
            new Inputs(Activation.SILU, Activation.ELU_PLUS_ONE, Activation.RELU, false, false);
    private static final Inputs EVERYTHING =
            new Inputs(Activation.RELU, Activation.SILU, Activation.ELU_PLUS_ONE, true, true);

    private enum Options {
        PLAIN(true, 1, Inputs.PLAIN, Outputs.PLAIN),
        NO_QK_NORM(false, 1, Inputs.PLAIN, Outputs.PLAIN),
        HALF_ROTATED(true, 0.5, Inputs.PLAIN, Outputs.PLAIN),
        NOT_ROTATED(false, 0, Inputs.PLAIN, Outputs.PLAIN),
        KEY_SHIFT(
                true,
                1,
                new Inputs(Activation.IDENTITY, Activation.IDENTITY, Activation.IDENTITY, true, false),
                Outputs.PLAIN),
        VALUE_SHIFT(
                true,
                1,
                new Inputs(Activation.IDENTITY, Activation.IDENTITY, Activation.IDENTITY, false, true),
                Outputs.PLAIN),
        SHIFT(false, 1, SHIFTED, Outputs.PLAIN),
        ACTIVATIONS(true, 1, ACTIVATED, Outputs.PLAIN),
        NORM(true, 1, Inputs.PLAIN, new Outputs(true, false, 1e-5)),
        GATE(true, 1, Inputs.PLAIN, new Outputs(false, true, 0.1)),
        NORM_AND_GATE(false, 0.7, SHIFTED, new Outputs(true, true, 1e-5)),
        ALL(true, 0.5, EVERYTHING, new Outputs(false, true, 1e-5));

        private final Config config;

        Options(boolean qkNorm, double ratio, Inputs inputs, Outputs outputs) {
            config = new Config(WIDTH, HEADS, HEAD_WIDTH, 100, ratio, qkNorm, inputs, outputs);
        }

        /** The same options for a layer with few parameters. */
        Config small() {
            return new Config(3, 2, 4, 100, config.ropeRatio(), config.qkNorm(), config.inputs(), config.outputs());
        }
    }

    private static CausalSelfAttention attention(Parameters p, Config config, Device device, DType type) {
        CausalSelfAttention attention = new CausalSelfAttention(p, "attn.", config, 0.4, 0.4);
        p.place(device, type).initialise(3);
        for (Parameter parameter : p.list()) {
            if (parameter.shape().rank() == 1) { // norm weights, which start at one
                double[] values = Gradients.random(4, parameter.shape())[0].toDoubles();
                parameter.value().set(values);
            }
        }
        return attention;
    }

    private static Tensor input(Device device, DType type) {
        Shape shape = Shape.of(2, LENGTH, WIDTH);
        return device.allocate(Spec.of(type, shape)).set(Gradients.random(5, shape)[0].toDoubles());
    }

    @ParameterizedTest
    @EnumSource
    void inStepsAsAtOnce(Options options) {
        check(options.config, Device.reference(), DType.F64, 1e-12, "reference");
        check(options.config, Device.reference(), DType.F32, 2e-6, "reference");
        check(options.config, Device.cpu(), DType.F32, 2e-6, "cpu");
    }

    private static void check(Config config, Device device, DType type, double tolerance, String implementation) {
        CausalSelfAttention attention = attention(new Parameters(), config, device, type);
        Tensor x = input(device, type);
        Tape whole = Tape.evaluating(device, device.arena());
        double[] expected = attention.apply(whole, x).toDoubles();
        double largest = 0;
        for (double e : expected) {
            largest = Math.max(largest, Math.abs(e));
        }
        for (int[] steps : new int[][] {{9}, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {5, 1, 1, 1, 1}, {1, 4, 2, 2}}) {
            assertArrayEquals(expected, inSteps(attention, device, x, implementation, steps), tolerance * largest);
        }
    }

    private static double[] inSteps(
            CausalSelfAttention attention, Device device, Tensor x, String implementation, int... steps) {
        Arena arena = device.arena();
        Past past = new Past(device);
        List<Tensor> parts = new ArrayList<>();
        long from = 0;
        for (int step : steps) {
            arena.reset();
            Tape t = Tape.generating(device, arena, past);
            Tensor h = attention.apply(t, t.slice(x, 1, from, from + step));
            assertTrue(t.ran().keySet().stream().allMatch(op -> op.endsWith(implementation)), t.ran()::toString);
            parts.add(device.allocate(h.spec()).set(h.toArray()));
            past.advance(step);
            from += step;
        }
        return Tape.evaluating(device, arena)
                .concat(1, parts.toArray(Tensor[]::new))
                .toDoubles();
    }

    @ParameterizedTest
    @EnumSource(names = {"ACTIVATIONS", "NORM_AND_GATE", "ALL"})
    void gradientsAgreeWithDifferences(Options options) {
        Parameters p = new Parameters();
        CausalSelfAttention attention = attention(p, options.small(), Device.reference(), DType.F64);
        Tensor[] inputs = Stream.concat(
                        Stream.of(Gradients.random(6, Shape.of(1, 3, 3))),
                        p.list().stream().map(Parameter::value))
                .toArray(Tensor[]::new);
        Gradients.check(options.name(), (t, in) -> attention.apply(t, in[0]), inputs);
    }

    @ParameterizedTest
    @EnumSource
    void kernelsAgreeWithReferences(Options options) {
        double[][] expected = gradients(options.config, Device.reference(), DType.F64);
        double[][] actual = gradients(options.config, Device.cpu(), DType.F32);
        for (int i = 0; i < expected.length; i++) {
            double largest = 0;
            for (double e : expected[i]) {
                largest = Math.max(largest, Math.abs(e));
            }
            assertArrayEquals(expected[i], actual[i], 1e-5 * largest, "tensor " + i);
        }
    }

    /** The output, its gradient by the input, and by every parameter. */
    private static double[][] gradients(Config config, Device device, DType type) {
        Parameters p = new Parameters();
        CausalSelfAttention attention = attention(p, config, device, type);
        Tape t = Tape.recording(device, device.arena());
        Tensor gradients = p.like(device);
        p.bind(t, gradients, false);
        Tensor x = t.variable(input(device, type));
        Tensor h = attention.apply(t, x);
        t.backward(t.sum(t.multiply(h, t.sigmoid(h))));
        List<double[]> all =
                new ArrayList<>(List.of(h.toDoubles(), t.gradient(x).toDoubles()));
        p.list().forEach(parameter -> all.add(p.of(parameter, gradients).toDoubles()));
        return all.toArray(double[][]::new);
    }

    @Test
    void withoutOptionsNothingIsCutOrCopied() {
        Device device = Device.cpu();
        CausalSelfAttention attention = attention(new Parameters(), Options.PLAIN.config, device, DType.F32);
        Tape t = Tape.evaluating(device, device.arena());
        attention.apply(t, input(device, DType.F32));
        assertEquals(Map.of("linear cpu", 2, "rotary cpu", 1, "attention cpu", 1), t.ran());
    }

    @Test
    void aStepAttendsWithoutComputingThePastAgain() {
        Device device = Device.cpu();
        CausalSelfAttention attention = attention(new Parameters(), Options.ALL.config, device, DType.F32);
        Past past = new Past(device);
        Tape prompt = Tape.generating(device, device.arena(), past);
        attention.apply(prompt, input(device, DType.F32));
        past.advance(LENGTH);
        Tape t = Tape.generating(device, device.arena(), past).watching();
        attention.apply(t, t.slice(input(device, DType.F32), 1, 0, 1));
        assertEquals(
                Shape.of(2, LENGTH + 1, 2 * HEADS, HEAD_WIDTH),
                t.watched().get("attn.kv").shape());
        assertEquals(prompt.ran(), withoutInput(t.ran()));
    }

    private static Map<String, Integer> withoutInput(Map<String, Integer> ran) {
        Map<String, Integer> mine = new TreeMap<>(ran);
        mine.merge("slice cpu", -1, Integer::sum);
        return mine;
    }

    @Test
    void parametersHaveTheAuthorsNamesAndShapes() {
        Parameters p = new Parameters();
        attention(p, Options.ALL.config, Device.reference(), DType.F64);
        Map<String, Tensor> named = p.named();
        Set<String> expected = Set.of(
                "attn.c_q.weight",
                "attn.c_k.linear.weight",
                "attn.c_k.shift_proj.weight",
                "attn.c_v.linear.weight",
                "attn.c_v.shift_proj.weight",
                "attn.g_proj.weight",
                "attn.o_norm.weight",
                "attn.q_rms.weight",
                "attn.k_rms.weight",
                "attn.c_proj.weight");
        assertEquals(expected, named.keySet());
        long inner = HEADS * HEAD_WIDTH;
        assertEquals(Shape.of(inner, WIDTH), named.get("attn.g_proj.weight").shape());
        assertEquals(
                Shape.of(HEADS, WIDTH), named.get("attn.c_k.shift_proj.weight").shape());
        assertEquals(Shape.of(HEAD_WIDTH), named.get("attn.o_norm.weight").shape());
        assertEquals(Shape.of(WIDTH, inner), named.get("attn.c_proj.weight").shape());
        p.list().forEach(one -> assertEquals(one.shape().rank() > 1, one.decay(), one.name()));

        Parameters normed = new Parameters();
        attention(normed, Options.NORM_AND_GATE.config, Device.reference(), DType.F64);
        assertTrue(normed.named().containsKey("attn.subln.weight"));
        assertTrue(!normed.named().containsKey("attn.o_norm.weight"), "the gate has a norm only without the heads'");
    }

    @Test
    void parametersStartAsTheAuthorsDo() {
        Config config = new Config(40, 8, 5, 10000, 1, true, EVERYTHING, new Outputs(false, true, 1e-5));
        Parameters p = new Parameters();
        new CausalSelfAttention(p, "", config, 0.5, 0.25);
        p.place(Device.reference(), DType.F64).initialise(1);
        p.named().forEach((name, tensor) -> {
            double[] values = tensor.toDoubles();
            double squares = 0;
            double sum = 0;
            for (double value : values) {
                squares += value * value;
                sum += value;
            }
            boolean norm = name.contains("norm") || name.contains("rms");
            double std = norm ? 1 : name.equals("c_proj.weight") ? 0.25 : 0.5;
            double spread = norm ? 1e-15 : 4 / Math.sqrt(values.length);
            assertEquals(std, Math.sqrt(squares / values.length), std * spread, name);
            assertEquals(norm ? 1 : 0, sum / values.length, std * spread, name);
        });
    }

    @Test
    void whatCannotBeIsRefusedWithKeyValueAndWhatIsAllowed() {
        assertRefused("heads = 0: expected > 0", () -> new Config(8, 0, 4, 10000, 1, true));
        assertRefused("width = -8: expected > 0", () -> new Config(-8, 2, 4, 10000, 1, true));
        assertRefused("headWidth = 0: expected > 0", () -> new Config(8, 2, 0, 10000, 1, true));
        assertRefused("ropeBase = 0.0: expected > 0 and finite", () -> new Config(8, 2, 4, 0, 1, true));
        assertRefused("ropeRatio = 1.5: expected 0 to 1", () -> new Config(8, 2, 4, 10000, 1.5, true));
        assertRefused("ropeRatio = NaN: expected 0 to 1", () -> new Config(8, 2, 4, 10000, Double.NaN, true));
        assertRefused("gateNormEps = -1.0: expected >= 0 and finite", () -> new Outputs(false, true, -1));
        assertRefused(
                "q_activation = gelu: expected one of identity, silu, relu, elu+1, elu",
                () -> Activation.named("q_activation", "gelu"));
    }

    private static void assertRefused(String message, Runnable make) {
        String actual = assertThrows(IllegalArgumentException.class, make::run).getMessage();
        assertTrue(actual.endsWith(message), actual);
    }

    @Test
    void activationsGoByTheAuthorsNames() {
        for (Activation activation : Activation.values()) {
            assertEquals(activation, Activation.named("k_activation", activation.toString()));
        }
        assertEquals(Activation.ELU_PLUS_ONE, Activation.named("k_activation", "elu"));
        Device device = Device.reference();
        Tape t = Tape.recording(device, device.arena());
        Tensor x = t.variable(device.allocate(Spec.of(DType.F64, Shape.of(3))).set(-1, 0, 2));
        Tensor y = Activation.ELU_PLUS_ONE.apply(t, x);
        assertArrayEquals(new double[] {Math.exp(-1), 1, 3}, y.toDoubles(), 1e-15);
        t.backward(t.sum(y));
        assertArrayEquals(new double[] {Math.exp(-1), 1, 1}, t.gradient(x).toDoubles(), 1e-15);
        assertArrayEquals(
                new double[] {-1 / (1 + Math.E), 0, 2 / (1 + Math.exp(-2))},
                Activation.SILU.apply(t, x).toDoubles(),
                1e-15);
    }
}
