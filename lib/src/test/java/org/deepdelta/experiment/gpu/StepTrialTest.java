package org.deepdelta.experiment.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A step is timed only where its result is right; tried on the CPU. */
final class StepTrialTest {
    private static final String RULE = "ddl_cc_ec";

    private final Models models = new Models(GptConfig.of(31, 1, 2, 8), 6, 4);
    private final ObjectNode node = new ObjectMapper().createObjectNode();

    @TempDir
    Path folder;

    private StepTrial.Speed run(StepTrial trial, Values values) throws IOException {
        return trial.run(RULE, Device.cpu(), () -> {}, values, new Findings("step"), node);
    }

    @Test
    void aRightStepHasASpeedAFlopCountAndAProfile() throws IOException {
        Values values = new Values(folder);
        StepTrial trial = new StepTrial(models, Precision.F32, 1, 3);
        trial.make(values, List.of(RULE));
        StepTrial.Speed speed = run(trial, values);
        assertNotNull(speed);
        assertEquals(4 * 6 / speed.milliseconds() * 1e3, speed.tokensPerSecond(), 1e-6 * speed.tokensPerSecond());
        double perToken = node.path("flops_per_token").asDouble();
        assertEquals(
                perToken * speed.tokensPerSecond(), node.path("flops_per_s").asDouble(), 1);
        assertTrue(node.path("profile").path("passes").has("attention backward"));
        assertTrue(speed.bytes() > 0);
    }

    @Test
    void aWrongStepHasNoSpeed() throws IOException {
        Values values = new Values(folder);
        assertNull(run(new StepTrial(models, Precision.F32, 1, 1), planted(values)));
        assertFalse(node.has("ms_median"), node.toString());
        assertFalse(node.has("tokens_per_s"), node.toString());
    }

    /** The values of a model whose embedding's gradient differs in one column. */
    private Values planted(Values values) throws IOException {
        Device cpu = Device.cpu();
        Gpt gpt = models.model(RULE, cpu, DType.F32, DType.F32);
        Models.differentiate(gpt, cpu, models.batch(2, 2, 0), (loss, gradients, t) -> {
            double[] wrong = gradients.get("transformer.wte.weight").toDoubles();
            wrong[3] += 0.1;
            gradients.get("transformer.wte.weight").set(wrong);
            Map<String, double[]> numbers = new LinkedHashMap<>();
            Fingerprint.of(loss, gradients).numbers().forEach((name, n) -> numbers.put(RULE + " / 2 / " + name, n));
            write(values, numbers);
        });
        return values;
    }

    private static void write(Values values, Map<String, double[]> numbers) {
        try {
            values.write("step-V31-L1-H2-d8-T6-F32", numbers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void repeatedRowsGiveTheirOwnGradients() {
        Device cpu = Device.cpu();
        Gpt gpt = models.model(RULE, cpu, DType.F32, DType.F32);
        Fingerprint[] found = new Fingerprint[2];
        for (int i = 0; i < 2; i++) {
            int index = i;
            Models.differentiate(
                    gpt,
                    cpu,
                    models.batch(2 + 4 * i, 2, 0),
                    (loss, gradients, t) -> found[index] = Fingerprint.of(loss, gradients));
        }
        Findings findings = new Findings("rows");
        assertEquals(List.of(), found[1].differences(found[0], 1e-6, 1e-5, findings));
    }
}
