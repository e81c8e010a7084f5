package org.deepdelta.experiment.gpu;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.deepdelta.data.Batch;
import org.deepdelta.model.Flops;
import org.deepdelta.model.Gpt;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.Optimizer;
import org.deepdelta.train.TrainStep;

/**
 * A whole training step (forward, backward, clipping, AdamW) of a model of some size: how long it takes, after its loss and gradients were
 * found to be the CPU's. For that check the batch holds two rows (one, if B is odd), repeated: loss and gradients are then those of these rows alone, which
 * the CPU can compute, and every row of the real batch takes part.
 */
final class StepTrial {
    private static final int DISTINCT = 2;
    private static final double RATE = 1e-3;
    private static final int PROFILED = 3;

    private static final Map<String, List<String>> GROUPS = groups();

    private final Models models;
    private final Precision precision;
    private final int warmup;
    private final int steps;

    /** What is shown of a step. */
    record Speed(double milliseconds, double best, double tokensPerSecond, long bytes, ObjectNode node) {}

    StepTrial(Models models, Precision precision, int warmup, int steps) {
        this.models = models;
        this.precision = precision;
        this.warmup = warmup;
        this.steps = steps;
    }

    private static Map<String, List<String>> groups() {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        groups.put("matrix products", List.of("linear", "matmul"));
        groups.put("attention", List.of("attention"));
        groups.put("rewrite", List.of("delta", "rewrite_step", "compress", "expand", "streams", "sinkhorn"));
        groups.put("optimizer", List.of("adamw", "gradient_sum"));
        return groups;
    }

    private String file() {
        return String.format(
                java.util.Locale.ROOT,
                "step-V%d-L%d-H%d-d%d-T%d-%s",
                models.sizes().vocabulary(),
                models.sizes().layers(),
                models.sizes().attention().heads(),
                models.sizes().width(),
                models.length(),
                precision.type());
    }

    private int distinct() {
        return models.rows() % DISTINCT == 0 ? DISTINCT : 1; // each as often as the other
    }

    /** Makes the expected numbers of some rules, with the CPU's kernels. */
    void make(Values values, List<String> rules) throws IOException {
        Device cpu = Device.cpu();
        Map<String, double[]> numbers = new LinkedHashMap<>();
        for (String rule : rules) {
            Gpt gpt = models.model(rule, cpu, DType.F32, precision.type());
            Batch batch = models.batch(distinct(), distinct(), 0);
            Models.differentiate(gpt, cpu, batch, (loss, gradients, t) -> Fingerprint.of(loss, gradients)
                    .numbers()
                    .forEach((name, n) -> numbers.put(rule + " / " + distinct() + " / " + name, n)));
            Models.close(gpt);
        }
        values.write(file(), numbers);
    }

    /** Checks a model, all operations on kernels included. */
    void check(String rule, Gpt gpt, Device device, Values values, Findings findings) throws IOException {
        List<String> wrong = new ArrayList<>();
        Map<String, double[]> found = new LinkedHashMap<>();
        TreeSet<String> fallbacks = new TreeSet<>();
        Batch batch = models.batch(models.rows(), distinct(), 0);
        Models.differentiate(gpt, device, batch, (loss, gradients, t) -> {
            found.putAll(Fingerprint.of(loss, gradients).numbers());
            fallbacks.addAll(ModelTrial.fallbacks(t));
        });
        Map<String, double[]> expected = new LinkedHashMap<>();
        for (String name : found.keySet()) {
            expected.put(name, values.read(file(), rule + " / " + distinct() + " / " + name));
        }
        wrong.addAll(fallbacks);
        wrong.addAll(new Fingerprint(found)
                .differences(new Fingerprint(expected), precision.loss(), precision.gradient(), findings));
        wrong.replaceAll(w -> rule + ", " + precision + ": " + w);
        findings.add(wrong);
    }

    /**
     * Checks and times a rule.
     *
     * @param wait waits until the device is done
     * @return the speed, or null where the check failed
     */
    Speed run(String rule, Device device, Runnable wait, Values values, Findings findings, ObjectNode node)
            throws IOException {
        Gpt gpt = models.model(rule, device, precision.type(), precision.type());
        int failed = findings.failed();
        check(rule, gpt, device, values, findings);
        Speed speed = findings.failed() > failed ? null : timed(rule, gpt, device, wait, node);
        Models.close(gpt);
        return speed;
    }

    private Speed timed(String rule, Gpt gpt, Device device, Runnable wait, ObjectNode node) {
        Batch batch = models.batch(models.rows(), models.rows(), 1);
        Optimizer optimizer = new Optimizer(gpt.parameters(), Optimizer.Config.paper(), device);
        double[] times = new double[steps];
        long bytes;
        try (TrainStep step = new TrainStep(gpt.parameters(), device, 1, 1)) {
            for (int i = -warmup; i < steps; i++) {
                wait.run();
                long start = System.nanoTime();
                step.run(List.of(new TrainStep.Micro(batch, gpt::loss)), optimizer, RATE);
                wait.run();
                if (i >= 0) {
                    times[i] = (System.nanoTime() - start) / 1e6;
                }
            }
            bytes = step.arenaBytes();
        }
        Arrays.sort(times);
        double median = times[steps / 2];
        double tokens = (double) models.rows() * models.length() / median * 1e3;
        long parameters = gpt.parameters().count();
        // Gradients and two moments in F32, beside the parameters and in bf16 their copy.
        bytes += 3 * gpt.parameters().master().spec().bytes() + parameterBytes(gpt);
        describe(rule, gpt, device, node, tokens);
        node.put("parameters", parameters).put("ms_median", median).put("ms_best", times[0]);
        node.put("tokens_per_s", tokens).put("bytes_held", bytes);
        profile(gpt, batch, optimizer, device, wait, node.putObject("profile"));
        for (var moments : List.of(optimizer.m(), optimizer.v())) {
            moments.memory().close();
        }
        return new Speed(median, times[0], tokens, bytes, node);
    }

    private static long parameterBytes(Gpt gpt) {
        long storage = gpt.parameters().storage().spec().bytes();
        return gpt.parameters().master() == gpt.parameters().storage()
                ? storage
                : storage + gpt.parameters().master().spec().bytes();
    }

    private void describe(String rule, Gpt gpt, Device device, ObjectNode node, double tokens) {
        node.put("rule", rule).put("precision", precision.toString());
        node.put("V", models.sizes().vocabulary()).put("L", models.sizes().layers());
        node.put("H", models.sizes().attention().heads())
                .put("d", models.sizes().width());
        node.put("T", models.length()).put("B", models.rows()).put("steps", steps);
        Flops flops = Flops.of(gpt, device, models.length());
        double nano = Flops.nanoGpt(gpt.config(), gpt.parameters().count(), models.length());
        node.put("flops_per_token", flops.training()).put("flops_per_s", flops.training() * tokens);
        node.put(
                "flops_formula",
                "3 x forward; forward = L (2 d 3 H h + 2 H h d + 6 d m) + 4 L T H h + 2 V d + the rule's contractions");
        node.put("flops_per_token_nanogpt", nano).put("flops_per_s_nanogpt", nano * tokens);
        node.put("flops_formula_nanogpt", "6 N + 12 L H h T");
    }

    /** How the time divides, from a few more steps with a wait after every operation. */
    private void profile(Gpt gpt, Batch batch, Optimizer optimizer, Device device, Runnable wait, ObjectNode node) {
        TimedDevice timed = new TimedDevice(device, wait);
        try (TrainStep step = new TrainStep(gpt.parameters(), timed, 1, 1)) {
            for (int i = 0; i <= PROFILED; i++) {
                if (i == 1) {
                    timed.clear(); // the first step takes memory
                }
                step.run(List.of(new TrainStep.Micro(batch, gpt::loss)), optimizer, RATE);
            }
        }
        Map<String, Double> shares = new LinkedHashMap<>();
        GROUPS.keySet().forEach(group -> shares.put(group, 0.0));
        Map<String, Double> each = new TreeMap<>();
        timed.timings().forEach((pass, timing) -> {
            each.put(pass, timing.total() / PROFILED);
            shares.merge(group(pass.split(" ")[0]), timing.total() / PROFILED, Double::sum);
        });
        node.put("method", "milliseconds a step, with a wait after every operation");
        ObjectNode byGroup = node.putObject("groups");
        shares.forEach(byGroup::put);
        ObjectNode byPass = node.putObject("passes");
        each.forEach(byPass::put);
    }

    private static String group(String operation) {
        return GROUPS.entrySet().stream()
                .filter(g -> g.getValue().contains(operation))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("rest");
    }
}
