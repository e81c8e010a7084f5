package org.deepdelta.residual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Gates that are fixed, or confined to (0, 1): what the ablations vary. */
final class GateOptionsTest {
    private static final Device DEVICE = Device.reference();

    private static double[] gates(String rule, String which) {
        return watched(rule, "sub.1." + which);
    }

    private static double[] watched(String rule, String name) {
        Gpt gpt = new Gpt(GptConfig.of(11, 1, 2, 8), ResidualStream.of(rule), DEVICE, DType.F64, 3);
        Tape t = Tape.evaluating(DEVICE, DEVICE.arena()).watching();
        Tensor ids = t.allocate(Spec.of(DType.I32, Shape.of(1, 4))).set(1, 9, 4, 4);
        gpt.logits(t, ids);
        return t.watched().get(name).toDoubles();
    }

    @Test
    void aFixedGateIsThatForAllTokens() {
        assertArrayEquals(new double[] {0.5, 0.5, 0.5, 0.5}, gates("ddl_scalar:beta=0.5", "beta"));
        assertArrayEquals(new double[] {2, 2, 2, 2}, gates("ddl_cc_ec:beta=2,gates=separate", "erase"));
    }

    /** The state is never touched: logits are those of the embedding alone. */
    @Test
    void betaZeroIsTheIdentity() {
        Gpt gpt = new Gpt(GptConfig.of(11, 2, 2, 8), ResidualStream.of("ddl_scalar:beta=0"), DEVICE, DType.F64, 3);
        Tape t = Tape.evaluating(DEVICE, DEVICE.arena()).watching();
        gpt.logits(t, t.allocate(Spec.of(DType.I32, Shape.of(1, 4))).set(1, 9, 4, 4));
        assertArrayEquals(
                t.watched().get("X.0").toDoubles(), t.watched().get("X.4").toDoubles());
    }

    @Test
    void aNarrowGateIsHalfTheWideOneFromHalfItsStart() {
        double[] wide = watched("ddl_scalar:start=0.8", "sub.0.beta"); // made from the embedding alone
        double[] narrow = watched("ddl_scalar:start=0.4,range=1", "sub.0.beta");
        assertTrue(Arrays.stream(wide).distinct().count() > 1);
        assertArrayEquals(Arrays.stream(wide).map(b -> b / 2).toArray(), narrow, 1e-15);
    }

    /** Where no start is given: half the presets' 1, not 1 itself, where a sigmoid that ends at 1 has no slope. */
    @Test
    void aNarrowGateStartsInTheMiddleToo() {
        assertArrayEquals(
                watched("ddl_scalar:start=0.5,range=1", "sub.0.beta"), watched("ddl_scalar:range=1", "sub.0.beta"));
    }

    @Test
    void theyAreSaidAndReadAgainAndDefaultsAreNot() {
        String line = ResidualStream.of("ddl_scalar:beta=1.5,range=1,start=0.5").describe();
        assertTrue(line.contains("range=1.0") && line.contains("beta=1.5"), line);
        assertEquals(line, ResidualStream.of(line).describe());
        assertFalse(ResidualStream.of("ddl_scalar").describe().contains("range"));
    }

    @Test
    void wrongOnesAreRefused() {
        for (String wrong : new String[] {"beta=2.5", "beta=-1", "range=3", "range=0", "range=1,start=1.5"}) {
            String said = assertThrows(IllegalArgumentException.class, () -> ResidualStream.of("ddl_scalar:" + wrong))
                    .getMessage();
            assertTrue(said.contains("expected"), said);
        }
    }
}
