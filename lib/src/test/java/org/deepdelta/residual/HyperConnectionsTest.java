package org.deepdelta.residual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.nn.Parameter;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HyperConnectionsTest {
    private static final Device DEVICE = Device.reference();

    @ParameterizedTest
    @CsvSource({"hc,5402", "hc_static,24", "mhc,5403", "mhc_flat,76827"})
    void parametersOfASublayer(String rule, long expected) {
        GptConfig sizes = GptConfig.of(256, 1, 6, 768);
        long more = Gpt.count(sizes, ResidualStream.of(rule)) - Gpt.count(sizes, new Additive());
        assertEquals(2 * expected, more);
    }

    /** The final norm's eps stands beside n^2 times the mean square, hence norms without one here. */
    @ParameterizedTest
    @CsvSource({"hc,1", "hc,2", "hc_static,1", "hc:streams=1,1", "hc:streams=7,1"})
    void startsAsTheAdditiveRule(String rule, int rounds, TestReporter reporter) {
        Gpt gpt = StreamRun.fresh(rule, 0, DEVICE, DType.F64);
        reporter.publishEntry(rule + " to additive", "" + assertAdditive(gpt, rounds));
    }

    @Test
    void isAdditiveWhereNothingIsAdded() {
        Gpt gpt = StreamRun.fresh("hc", 0, DEVICE, DType.F64);
        gpt.parameters().named().forEach((name, value) -> {
            if (name.contains("hc_") && (name.endsWith("_weight") || name.endsWith("gamma"))) {
                double[] values = value.toDoubles();
                Arrays.setAll(values, i -> Math.sin(i + 1));
                value.set(values);
            } else if (name.endsWith("_scale")) {
                value.set(0.0);
            }
        });
        assertAdditive(gpt, 1);
    }

    /** Logits and the gradients of all parameters that both models have; returns the largest difference. */
    private static double assertAdditive(Gpt gpt, int rounds) {
        StreamRun expected = new StreamRun(StreamRun.fresh("additive", 0, DEVICE, DType.F64), rounds);
        StreamRun actual = new StreamRun(gpt, rounds);
        double[] largest = {StreamRun.difference(expected.watched.get("logits"), actual.watched.get("logits"))};
        assertTrue(largest[0] <= 1e-12, "logits: " + largest[0]);
        expected.gradients.forEach((name, gradient) -> {
            double difference = StreamRun.difference(gradient, actual.gradients.get(name));
            assertTrue(difference <= 1e-12, "gradient of " + name + ": " + difference);
            largest[0] = Math.max(largest[0], difference);
        });
        return largest[0];
    }

    @Test
    void everyStreamIsTheAdditiveStateAtTheStart() {
        StreamRun additive = new StreamRun(StreamRun.fresh("additive", 1e-5, DEVICE, DType.F64), 1);
        StreamRun streams = new StreamRun(StreamRun.fresh("hc", 1e-5, DEVICE, DType.F64), 1);
        for (int s = 0; s <= 2 * StreamRun.LAYERS; s++) {
            double[] state = additive.watched.get("X." + s);
            double[] repeated = new double[4 * state.length];
            int d = StreamRun.D;
            Arrays.setAll(repeated, i -> state[i / (4 * d) * d + i % d]);
            assertTrue(StreamRun.difference(repeated, streams.watched.get("X." + s)) <= 1e-14, "before sublayer " + s);
        }
    }

    @Test
    void readsTheNextStreamInTurn() {
        StreamRun run = new StreamRun(StreamRun.fresh("hc", 1e-5, DEVICE, DType.F64), 1);
        for (int s = 0; s < 2 * StreamRun.LAYERS; s++) {
            double[] read = new double[4];
            read[s % 4] = 1;
            assertEquals(0, StreamRun.difference(read, run.parameter("hc", s, "read")), "sublayer " + s);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hc", "hc_static:streams=3", "hc:streams=1", "mhc", "mhc_flat:streams=3"})
    void streamsPersistOverBlocks(String rule) {
        StreamRun run = StreamRun.ofMoved(rule);
        run.followsItsCoefficients();
    }

    @Test
    void coefficientsAsWritten() {
        StreamRun run = StreamRun.ofMoved("hc:streams=3");
        for (int s = 0; s < 2 * StreamRun.LAYERS; s++) {
            for (int token = 0; token < StreamRun.TOKENS; token++) {
                for (int j = 0; j < 3; j++) {
                    double[] g = run.normalised(s, token, j, run.parameter("hc", s, "gamma"));
                    assertEquals(
                            bounded(run, s, "read", "alpha", j, 0, g), run.coefficient("read", s, token, 3, j), 1e-9);
                    assertEquals(
                            bounded(run, s, "write", "beta", j, 0, g), run.coefficient("write", s, token, 3, j), 1e-9);
                    for (int i = 0; i < 3; i++) {
                        assertEquals(
                                bounded(run, s, "mix", "alpha", 3 * j + i, i, g),
                                run.coefficient("mix", s, token, 9, 3 * j + i),
                                1e-9);
                    }
                }
            }
        }
    }

    private static double bounded(StreamRun run, int s, String name, String scale, int entry, int row, double[] g) {
        double z = StreamRun.product(run.parameter("hc", s, name + "_weight"), row, g);
        return run.parameter("hc", s, name)[entry] + run.parameter("hc", s, scale + "_scale")[0] * Math.tanh(z);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hc", "hc_static", "mhc", "mhc_flat"})
    void decayLeavesTheStartsAlone(String rule) {
        for (Parameter p :
                StreamRun.fresh(rule, 1e-5, DEVICE, DType.F64).parameters().list()) {
            if (p.name().contains("hc_")) {
                assertEquals(p.name().endsWith("_weight"), p.decay(), p.name());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hc", "hc_static", "mhc", "mhc_flat"})
    void trainsOnKernelsAsOnReferences(String rule) {
        double[] expected =
                StreamRun.losses(StreamRun.moved(StreamRun.fresh(rule, 1e-5, DEVICE, DType.F64)), DEVICE, 5);
        Device cpu = Device.cpu();
        double[] actual = StreamRun.losses(StreamRun.moved(StreamRun.fresh(rule, 1e-5, cpu, DType.F32)), cpu, 5);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1e-4 * expected[i], "step " + i);
        }
        assertTrue(Math.abs(expected[4] - expected[0]) > 1e-3, "nothing was trained");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hc:streams=0|hc: streams=0: expected a whole number >= 1",
                "hc_static:streams=two|hc_static: streams=two: expected a whole number >= 1",
                "hc:logits=6|hc: option logits=6: expected one of streams (a whole number >= 1)",
                "mhc:rounds=0|mhc: rounds=0: expected a whole number >= 1",
                "mhc_flat:logits=NaN|mhc_flat: logits=NaN: expected a number in [-80.0, 80.0]",
            })
    void wrongOptions(String rule, String message) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> ResidualStream.of(rule));
        assertEquals(message, e.getMessage());
    }
}
