package org.deepdelta.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deepdelta.nn.Activation;
import org.deepdelta.nn.CausalSelfAttention;
import org.deepdelta.nn.Parameters;
import org.deepdelta.residual.Additive;
import org.deepdelta.residual.Read;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.CountingDevice;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class FlopsTest {
    private static final int T = 7;
    private static final GptConfig CONFIG = new GptConfig(
            11,
            2,
            6,
            new CausalSelfAttention.Config(
                    6,
                    2,
                    4,
                    10000,
                    1,
                    true,
                    new CausalSelfAttention.Inputs(
                            Activation.SILU, Activation.IDENTITY, Activation.IDENTITY, true, false),
                    new CausalSelfAttention.Outputs(false, true, 1e-5)),
            15,
            0.02,
            0.5,
            1e-5,
            1);

    /** Of a whole step. */
    private record Count(double forward, double backward) {}

    static String[] rules() {
        return Rules.ALL;
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theFormulaIsWhatIsCounted(String rule) {
        agree(rule, CONFIG, Device.cpu(), T);
        agree(rule, CONFIG, Device.reference(), T);
        agree(rule, GptConfig.of(13, 1, 2, 8), Device.cpu(), 1);
    }

    private static void agree(String rule, GptConfig config, Device device, int length) {
        Flops flops = Flops.of(config, ResidualStream.of(rule), length);
        Gpt gpt = new Gpt(config, ResidualStream.of(rule), device, DType.F32, 0);
        assertEquals(flops, Flops.of(gpt, device, length));
        Count one = step(gpt, device, 1, length);
        Count two = step(gpt, device, 2, length);
        double forward = (two.forward - one.forward) / length;
        double backward = (two.backward - one.backward) / length;
        assertEquals(forward, flops.forward(), 1e-12 * forward, rule);
        assertEquals(backward, flops.backward(), 1e-12 * backward, rule + ", backward");
        assertTrue(one.forward >= length * flops.forward(), rule + ": a step costs no less than its tokens");
    }

    @Test
    void makingACompressorsWeightsIsLeftOut() {
        int dv = 4;
        Gpt gpt = new Gpt(CONFIG, ResidualStream.of("ddl_cc:dv=" + dv), Device.cpu(), DType.F32, 0);
        double tokens = T * Flops.of(gpt, Device.cpu(), T).forward();
        double weights = 2.0 * CONFIG.width() * dv * dv + 2.0 * dv * dv * dv;
        assertEquals(5 * weights, step(gpt, Device.cpu(), 1, T).forward - tokens);
    }

    @Test
    void aRuleThatStatesNoneIsCounted() {
        for (String rule : new String[] {"additive", "ddl_scalar", "ddl_tc_ec:dv=3", "ddl_cc:dv=4"}) {
            Flops expected = Flops.of(CONFIG, ResidualStream.of(rule), T);
            assertEquals(expected, Flops.of(CONFIG, new Silent(ResidualStream.of(rule)), T), rule);
            Device device = Device.cpu();
            Gpt gpt = new Gpt(CONFIG, new Silent(ResidualStream.of(rule)), device, DType.F32, 0);
            assertEquals(expected, Flops.of(gpt, device, T), rule);
        }
    }

    @Test
    void nanoGptsRuleDiffersByTheNormsAlone() {
        GptConfig config = GptConfig.of(50304, 12, 6, 768);
        Flops flops = Flops.of(config, new Additive(), 1024);
        long parameters = Gpt.count(config, new Additive());
        long norms = 25L * 768 + 12L * 2 * 128;
        assertEquals(6.0 * norms, Flops.nanoGpt(config, parameters, 1024) - flops.training());
        assertEquals(3, flops.training() / flops.forward());
        assertEquals(0, flops.rule());
    }

    @Test
    void aLengthThatIsNoneIsRefused() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Flops.of(CONFIG, new Additive(), 0));
        assertEquals("flops: length: expected >= 1, got 0", e.getMessage());
    }

    @Test
    void aCountingDeviceComputesWhatTheOneInsideComputes() {
        Device device = Device.cpu();
        Gpt gpt = new Gpt(CONFIG, ResidualStream.of("ddl_cc_ec"), device, DType.F32, 0);
        CountingDevice counting = new CountingDevice(device);
        double loss =
                loss(gpt, Tape.evaluating(counting, counting.arena()), 1, T).item();
        assertEquals(loss(gpt, Tape.evaluating(device, device.arena()), 1, T).item(), loss);
        assertEquals(
                counting.forward(),
                counting.forwardByOperation().values().stream()
                        .mapToDouble(x -> x)
                        .sum());
        assertTrue(counting.forwardByOperation().containsKey("attention"), counting.forwardByOperation()::toString);
        assertNotEquals(0, counting.forward());
        assertEquals(0, counting.backward());
        counting.clear();
        assertEquals(0, counting.forward());
    }

    private static Count step(Gpt gpt, Device device, int rows, int length) {
        CountingDevice counting = new CountingDevice(device);
        Arena arena = counting.arena();
        Tape t = Tape.recording(counting, arena);
        gpt.parameters().bind(t, gpt.parameters().like(counting), false);
        t.backward(loss(gpt, t, rows, length));
        arena.close();
        return new Count(counting.forward(), counting.backward());
    }

    private static Tensor loss(Gpt gpt, Tape t, int rows, int length) {
        Tensor ids = t.allocate(Spec.of(DType.I32, Shape.of(rows, length))).set(new int[rows * length]);
        return gpt.loss(t, ids, ids, 1);
    }

    /** A rule as someone writes it who does not count. */
    private record Silent(ResidualStream inner) implements ResidualStream {
        @Override
        public String name() {
            return "silent";
        }

        @Override
        public void declare(Parameters p, Dimensions dimensions) {
            inner.declare(p, dimensions);
        }

        @Override
        public Tensor expand(Tape t, Tensor embedding) {
            return inner.expand(t, embedding);
        }

        @Override
        public Tensor compress(Tape t, int s, Tensor state) {
            return inner.compress(t, s, state);
        }

        @Override
        public Tensor rewrite(Tape t, int s, Read r, Tensor h) {
            return inner.rewrite(t, s, r, h);
        }
    }
}
