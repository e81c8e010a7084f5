package org.deepdelta.experiment.gpu;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deepdelta.data.Batch;
import org.deepdelta.data.Batches;
import org.deepdelta.data.Corpus;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.Optimizer;
import org.deepdelta.train.Schedule;
import org.deepdelta.train.TrainStep;

/**
 * A training run of a small model on text, its losses beside those of the CPU in double. Two runs that round differently drift apart, so
 * the first losses are held to a tighter bound than the last, and all of them to one on their mean.
 */
final class TrainingTrial {
    private static final String FILE = "training";
    private static final String RULE = "ddl_cc_ec";
    private static final int ROWS = 8;
    private static final int LENGTH = 32;
    private static final int EARLY = 20;

    /** How far losses may be from those in double, in nats: each of the first ones, any, and the mean of all. */
    private record Bounds(double early, double any, double mean) {}

    private static final Bounds SINGLE = new Bounds(1e-4, 0.02, 1e-3);
    private static final Bounds HALF = new Bounds(0.03, 0.1, 0.01);

    private final int steps;

    TrainingTrial(int steps) {
        this.steps = steps;
    }

    /** Makes batches from a corpus of bytes, and their losses. */
    void make(Values values, Corpus corpus) throws IOException {
        Batches batches = Batches.random(corpus.train(), ROWS, LENGTH, 1);
        double[] ids = new double[steps * ROWS * LENGTH];
        double[] targets = new double[ids.length];
        for (int i = 0; i < steps; i++) {
            Batch batch = batches.batch(i);
            for (int j = 0; j < batch.ids().length; j++) {
                ids[i * ROWS * LENGTH + j] = batch.ids()[j];
                targets[i * ROWS * LENGTH + j] = batch.targets()[j];
            }
        }
        Map<String, double[]> numbers = new LinkedHashMap<>();
        numbers.put("ids", ids);
        numbers.put("targets", targets);
        numbers.put("losses", losses(Device.reference(), DType.F64, ids, targets));
        values.write(FILE, numbers);
    }

    /** Trains and compares, in F32 and BF16. */
    Findings run(Device device, Values values, ObjectNode node) throws IOException {
        Findings findings = new Findings("training");
        double[] expected = values.read(FILE, "losses");
        if (expected.length != steps) {
            throw new IOException("training: expected values of " + steps + " steps, there are those of "
                    + expected.length + ": made with another -DtrainSteps");
        }
        node.put("rule", RULE).put("steps", steps);
        node.put("first_loss", expected[0]).put("last_loss", expected[steps - 1]);
        for (DType type : List.of(DType.F32, DType.BF16)) {
            if (device.takes(type)) {
                double[] losses = losses(device, type, values.read(FILE, "ids"), values.read(FILE, "targets"));
                node.put("last_loss_" + type, losses[steps - 1]);
                findings.add(compare(type, expected, losses, findings));
            }
        }
        return findings;
    }

    private static List<String> compare(DType type, double[] expected, double[] losses, Findings findings) {
        Bounds bounds = type == DType.F32 ? SINGLE : HALF;
        double[] distances = new double[losses.length];
        Arrays.setAll(distances, i -> Math.abs(losses[i] - expected[i]));
        double first = Arrays.stream(distances).limit(EARLY).max().orElse(0);
        double largest = Arrays.stream(distances).max().orElse(0);
        double mean = Arrays.stream(losses).average().orElse(0)
                - Arrays.stream(expected).average().orElse(0);
        List<String> wrong = new ArrayList<>();
        wrong.add(findings.within(type + " first losses", first, bounds.early, type + ", the first losses"));
        wrong.add(findings.within(type + " losses", largest, bounds.any, type + ", losses"));
        wrong.add(findings.within(type + " mean loss", Math.abs(mean), bounds.mean, type + ", the mean loss"));
        wrong.removeIf(Objects::isNull);
        return wrong;
    }

    private double[] losses(Device device, DType type, double[] ids, double[] targets) {
        GptConfig sizes = GptConfig.of(256, 2, 2, 32);
        Gpt gpt = new Gpt(sizes, ResidualStream.of(RULE), device, type, 1);
        Optimizer optimizer = new Optimizer(gpt.parameters(), Optimizer.Config.paper(), device);
        Schedule schedule = new Schedule(3e-3, 3e-4, steps / 10, steps);
        double[] losses = new double[steps];
        try (TrainStep step = new TrainStep(gpt.parameters(), device, 1, 1)) {
            for (int i = 0; i < steps; i++) {
                Batch batch = new Batch(ROWS, LENGTH, part(ids, i), part(targets, i));
                TrainStep.Micro micro = new TrainStep.Micro(batch, gpt::loss);
                losses[i] =
                        step.run(List.of(micro), optimizer, schedule.rate(i)).loss();
            }
        }
        Models.close(gpt);
        return losses;
    }

    private static int[] part(double[] all, int step) {
        int[] part = new int[ROWS * LENGTH];
        Arrays.setAll(part, i -> (int) all[step * part.length + i]);
        return part;
    }
}
