package org.deepdelta.residual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Directions that are not normalised, and compressors that start as a mean: what the ablations vary. */
final class DirectionAndStartTest {
    private static final Device DEVICE = Device.reference();
    private static final int T = 4;
    private static final int D = 8;

    private static Map<String, Tensor> watched(String rule) {
        Gpt gpt = new Gpt(GptConfig.of(11, 1, 2, D), ResidualStream.of(rule), DEVICE, DType.F64, 3);
        Tape t = Tape.evaluating(DEVICE, DEVICE.arena()).watching();
        gpt.logits(t, t.allocate(Spec.of(DType.I32, Shape.of(1, T))).set(1, 9, 4, 4));
        return t.watched();
    }

    /** X + k~ (w v' - b k~'X) with k~ = h, by hand. */
    @ParameterizedTest
    @ValueSource(strings = {"shared", "separate", "write_only"})
    void aRawDirectionIsTheOutputOfTheSublayer(String gates) {
        int dv = 3;
        Map<String, Tensor> seen = watched("ddl_cc:dv=3,direction=raw,gates=" + gates);
        double[] before = seen.get("X.0").toDoubles();
        double[] after = seen.get("X.1").toDoubles();
        double[] h = seen.get("sub.0.h").toDoubles();
        double[] v = seen.get("sub.0.v").toDoubles();
        double[] write = seen.get("sub.0.beta").toDoubles();
        double[] erase = gates.equals("separate") ? seen.get("sub.0.erase").toDoubles() : write;
        assertArrayEquals(h, seen.get("sub.0.k").toDoubles());
        double moved = 0;
        for (int i = 0; i < T; i++) {
            for (int j = 0; j < dv; j++) {
                double read = 0;
                for (int f = 0; f < D; f++) {
                    read += h[i * D + f] * before[(i * D + f) * dv + j];
                }
                double change = write[i] * v[i * dv + j] - (gates.equals("write_only") ? 0 : erase[i] * read);
                for (int f = 0; f < D; f++) {
                    int at = (i * D + f) * dv + j;
                    assertEquals(before[at] + h[i * D + f] * change, after[at], 1e-13);
                    moved = Math.max(moved, Math.abs(after[at] - before[at]));
                }
            }
        }
        assertTrue(moved > 1e-3, "the rewrite moves something: " + moved);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ddl_cc:dv=4", "ddl_cc:dv=4,channels=causal", "ddl_cc:dv=4,channels=direct", "ddl_tc:dv=4"})
    void aMeanPassesTheEmbeddingOnAsItIs(String rule) {
        Map<String, Tensor> mean = watched(rule + ",compressor=mean");
        double[] embedding = new double[T * D];
        double[] state = mean.get("X.0").toDoubles();
        for (int i = 0; i < embedding.length; i++) {
            embedding[i] = state[4 * i];
        }
        assertArrayEquals(embedding, mean.get("sub.0.x_in").toDoubles(), 1e-17);
        assertTrue(rms(watched(rule), "sub.0.x_in") < 0.5 * rms(mean, "sub.0.x_in"), "the authors' start is smaller");
    }

    private static double rms(Map<String, Tensor> seen, String name) {
        double sum = 0;
        for (double x : seen.get(name).toDoubles()) {
            sum += x * x;
        }
        return Math.sqrt(sum / (T * D));
    }

    @Test
    void theyAreSaidAndReadAgainAndDefaultsAreNot() {
        String line = ResidualStream.of("ddl_tc:direction=raw,compressor=mean").describe();
        assertTrue(line.contains("direction=raw") && line.contains("compressor=mean"), line);
        assertEquals(line, ResidualStream.of(line).describe());
        String plain =
                ResidualStream.of("ddl_tc:direction=unit,compressor=random").describe();
        assertEquals(ResidualStream.of("ddl_tc").describe(), plain);
        assertFalse(plain.contains("direction") || plain.contains("compressor"), plain);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ddl_scalar:direction=long",
                "ddl_scalar:compressor=mean",
                "ddl_cc:compressor=zero",
                "ddl_cc:channels=direct,read=1"
            })
    void wrongOnesAreRefused(String rule) {
        String said = assertThrows(IllegalArgumentException.class, () -> ResidualStream.of(rule))
                .getMessage();
        String option = rule.substring(Math.max(rule.lastIndexOf(':'), rule.lastIndexOf(',')) + 1);
        assertTrue(said.contains(option) && said.contains("expected"), said);
    }
}
