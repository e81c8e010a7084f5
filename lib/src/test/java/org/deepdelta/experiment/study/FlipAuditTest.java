package org.deepdelta.experiment.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.deepdelta.data.Batch;
import org.deepdelta.data.FlipTask;
import org.deepdelta.experiment.Accuracy;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;

final class FlipAuditTest {
    private static final int WIDTH = 12;
    private static final FlipTask TASK = new FlipTask(6, 2, 4, 7);
    private static final Device DEVICE = Device.cpu();
    private static final Batch BATCH = TASK.training(6, 1).batch(3);

    private static Gpt gpt(String rule) {
        return new Gpt(GptConfig.of(TASK.vocabulary(), 1, 2, WIDTH), ResidualStream.of(rule), DEVICE, DType.F32, 5);
    }

    private static Map<String, Double> audit(Gpt gpt, int rounds) {
        return new FlipAudit(TASK, gpt, DEVICE, BATCH, rounds).scores();
    }

    /**
     * A block made by hand that is the known optimum: symbols are axes, attention looks at all tokens alike and fetches the difference of the pair's two, the gate is 2, the value 0,
     * and the MLP does nothing.
     */
    private static Gpt exact() {
        Gpt gpt = gpt("ddl_scalar:preset=paper,beta=2");
        Map<String, Tensor> named = gpt.parameters().named();
        named.forEach((name, tensor) -> {
            if (!name.contains("ln_")) {
                tensor.set(new double[(int) tensor.size()]);
            }
        });
        double[] table = new double[3 * 6 * WIDTH];
        for (int s = 0; s < 6; s++) {
            table[s * WIDTH + s + 6] = 1;
            table[(6 + s) * WIDTH + s + 6] = -1;
            table[(12 + s) * WIDTH + s] = 1;
        }
        named.get("transformer.wte.weight").set(table);
        double[] value = new double[WIDTH * WIDTH];
        double[] output = new double[WIDTH * WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            output[i * WIDTH + i] = 1;
            value[i % 6 * WIDTH + i] = i < 6 ? 0 : 1;
        }
        named.get("transformer.h.0.attn.c_v.weight").set(value);
        named.get("transformer.h.0.attn.c_proj.weight").set(output);
        return gpt;
    }

    @Test
    void theKnownOptimumIsSeen() {
        Gpt gpt = exact();
        assertEquals(1, Accuracy.of(gpt, DEVICE, BATCH, 1));
        Map<String, Double> scores = audit(gpt, 1);
        assertEquals(2, scores.get("audit.R=1.attention.moved.gate"));
        assertEquals(1, scores.get("audit.R=1.attention.moved.reflection"));
        assertEquals(1, scores.get("audit.R=1.attention.moved.aligned"), 1e-6);
        assertEquals(0, scores.get("audit.R=1.attention.moved.other"), 1e-6);
        assertEquals(Math.sqrt(0.5), scores.get("audit.R=1.attention.moved.before"), 1e-6);
        assertEquals(Math.sqrt(0.5), scores.get("audit.R=1.attention.moved.after"), 1e-6);
        assertEquals(0, scores.get("audit.R=1.attention.still.before"), 1e-6);
        assertEquals(0, scores.get("audit.R=1.moved.distance.attention"), 1e-6);
        assertEquals(-1, scores.get("audit.R=1.moved.least"), 1e-6);
        assertEquals(-1, scores.get("audit.R=1.moved.determinant"), 1e-5);
    }

    @Test
    void measuresStayInTheirRanges() {
        Map<String, Double> scores = audit(gpt("ddl_scalar"), 2);
        scores.forEach((name, value) -> {
            boolean cosine = name.matches(".*(aligned|other|rows|steady.*|across|identity|projection|reflection)");
            assertTrue(value > -2 && (!cosine || value >= 0 && value <= 1 + 1e-6), name + " " + value);
        });
        for (String role : new String[] {"names", "moved", "still"}) {
            String name = "audit.R=2.mlp." + role + ".";
            assertEquals(
                    1,
                    scores.get(name + "identity") + scores.get(name + "projection") + scores.get(name + "reflection"),
                    1e-12);
        }
        assertTrue(scores.get("audit.R=1.moved.missed") > 0.1, "a Jacobian is more than its frozen operator");
    }

    /** Nothing is erased: the frozen operator is the identity, whatever the gate says. */
    @Test
    void writeOnlyHasNoOperator() {
        Map<String, Double> scores = audit(gpt("ddl_scalar:gates=write_only"), 1);
        assertEquals(1, scores.get("audit.R=1.moved.distance"), 1e-12);
        assertEquals(1, scores.get("audit.R=1.moved.least"), 1e-12);
        assertEquals(1, scores.get("audit.R=1.moved.missed"), 1e-12);
        assertTrue(scores.get("audit.R=1.attention.moved.gate") > 0.1);
    }

    @Test
    void aGateIsTakenOutOfTheModelsHands() {
        Gpt gpt = gpt("ddl_scalar");
        double[] before = gpt.parameters().storage().toDoubles();
        Map<String, Double> scores =
                new FixedGates(TASK, gpt, DEVICE, r -> TASK.training(6, r).batch(3)).scores(1);
        assertEquals(14, scores.size());
        int moved = 0;
        for (int i = 0; i < BATCH.ids().length; i++) {
            moved += TASK.role(BATCH, i) == FlipTask.Role.MOVED ? 1 : 0;
        }
        double all = moved * scores.get("audit.trained.moved")
                + (BATCH.scored() - moved) * scores.get("audit.trained.still");
        assertEquals(Accuracy.of(gpt, DEVICE, BATCH, 1), all / BATCH.scored(), 1e-12);
        assertEquals(0, scores.get("audit.attention=0.moved"), "no token hears of another");
        assertArrayEquals(before, gpt.parameters().storage().toDoubles(), "the model is left as it was");
    }
}
