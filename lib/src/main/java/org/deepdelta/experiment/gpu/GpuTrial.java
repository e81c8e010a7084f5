package org.deepdelta.experiment.gpu;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.deepdelta.data.JavaSources;
import org.deepdelta.experiment.gpu.Plan.Part;
import org.deepdelta.experiment.parity.Suite;
import org.deepdelta.tensor.Device;

/**
 * Tries a device with everything that a plan asks for and writes down what was found. Needs no ND4J backend: expected values come from a
 * folder that {@link #make} filled before, elsewhere.
 */
public final class GpuTrial {
    private static final String STATE_OPERATIONS = "(delta|rewrite_step|compress|matmul).*";

    private final Plan plan;
    private final Values values;
    private final PrintStream out;
    private final ObjectNode result;
    private boolean failed;

    /**
     * A trial.
     *
     * @param values folder of expected values
     * @param out for a line of each finding
     * @param result for everything that was found
     */
    public GpuTrial(Plan plan, Path values, PrintStream out, ObjectNode result) {
        this.plan = plan;
        this.values = new Values(values);
        this.out = out;
        this.result = result;
    }

    /** Makes the expected values of a plan's parts, on the references and the CPU's kernels, into the trial's folder. */
    public void make() throws IOException {
        boolean bench = plan.parts().contains(Part.BENCH);
        if (plan.parts().contains(Part.OPERATIONS) || plan.parts().contains(Part.BANDWIDTH)) {
            OperationTrial.make(values);
            out.println("made the values of " + OperationCases.all().size() + " cases of operations");
        }
        if (plan.parts().contains(Part.MODELS)) {
            new ModelTrial(plan.families()).make(values);
            out.println("made the values of " + plan.families().size() + " small models");
        }
        if (plan.parts().contains(Part.TRAINING)) {
            new TrainingTrial(plan.trainSteps()).make(values, JavaSources.load());
            out.println("made the losses of " + plan.trainSteps() + " training steps");
        }
        if (bench) {
            step().make(values, plan.step().rules());
            out.println("made the loss and gradients of " + plan.step().rules() + " at the size of the step");
        }
    }

    private StepTrial step() {
        Plan.Step step = plan.step();
        return new StepTrial(step.models(), step.precision(), step.warmup(), step.steps());
    }

    /**
     * Runs all parts but those that tell a speed.
     *
     * @param device in full precision
     */
    public void check(Device device) throws IOException {
        if (plan.parts().contains(Part.OPERATIONS)) {
            OperationTrial trial = new OperationTrial(plan::chosen);
            note(trial.run(device, values));
            ArrayNode ran = part("operations").putArray("ran");
            trial.ran().forEach(ran::add);
        }
        if (plan.parts().contains(Part.MODELS)) {
            note(new ModelTrial(plan.families()).run(device, values));
        }
        if (plan.parts().contains(Part.PARITY)) {
            parity(device);
        }
        if (plan.parts().contains(Part.DETERMINISM)) {
            note(new DeterminismTrial(plan.families()).run(device));
        }
        if (plan.parts().contains(Part.TRAINING)) {
            note(new TrainingTrial(plan.trainSteps()).run(device, values, part("training")));
        }
    }

    private void parity(Device device) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        Suite suite = Suite.run(plan.parity(), device, new PrintStream(text, true, StandardCharsets.UTF_8));
        ObjectNode node = part("parity");
        node.put("passed", suite.passed()).put("failed", suite.failed()).put("not_supported", suite.notSupported());
        ArrayNode lines = node.putArray("cases");
        text.toString(StandardCharsets.UTF_8).lines().forEach(lines::add);
        print(
                "%-12s %s  %d passed, %d failed, %d not supported",
                "parity",
                suite.failed() == 0 ? "passed" : "FAILED",
                suite.passed(),
                suite.failed(),
                suite.notSupported());
        if (suite.failed() > 0) {
            text.toString(StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("FAILED") || line.startsWith("     "))
                    .forEach(out::println);
            failed = true;
        }
    }

    /**
     * Runs the parts that tell a speed, each after a check of what it times.
     *
     * @param device in the precision of the step
     * @param wait waits until it is done
     */
    public void measure(Device device, Runnable wait) throws IOException {
        if (plan.parts().contains(Part.BANDWIDTH)) {
            bandwidth(device, wait);
        }
        if (plan.parts().contains(Part.BENCH)) {
            bench(device, wait);
        }
    }

    private void bandwidth(Device device, Runnable wait) throws IOException {
        ObjectNode node = part("bandwidth");
        // The tolerances of F32 are those of full precision.
        boolean rounds = plan.step().precision() == Precision.TF32;
        String checked = rounds ? STATE_OPERATIONS.replace("|matmul", "") : STATE_OPERATIONS;
        Findings check = new OperationTrial(name -> name.matches(checked)).run(device, values);
        if (check.failed() > 0) {
            note(check);
            out.println("bandwidth    no speed is shown: an operation is wrong");
            node.put("refused", "an operation is wrong");
            return;
        }
        Plan.Step step = plan.step();
        Plan.State state = plan.state();
        Bandwidth bandwidth = new Bandwidth(device, wait, step.precision().type(), state.repeats());
        Bandwidth.Found copy = bandwidth.copy(state.copied());
        double product = bandwidth.product(state.product());
        node.put("copy_bytes_per_s", copy.rate());
        node.put("product_flops_per_s", product).put("product_n", state.product());
        node.put("precision", step.precision().toString());
        node.put(
                "method",
                "median time of one launch, waiting before and after it; bytes: every input, upstream, output, gradient once");
        print("copy %.1f GB/s (read and written), matrix product %.2f TFLOP/s", copy.rate() / 1e9, product / 1e12);
        ArrayNode memory = result.putArray("memory");
        write(copy, memory.addObject());
        for (Bandwidth.Found found :
                bandwidth.operations(step.rows(), step.length(), step.sizes().width(), state.dv())) {
            ObjectNode each = memory.addObject();
            write(found, each);
            each.put("tokens", (long) step.rows() * step.length())
                    .put("d", step.sizes().width())
                    .put("dv", state.dv());
            each.put("of_copy", found.rate() / copy.rate());
            double percent = 100 * found.rate() / copy.rate();
            print("%-38s %8.1f GB/s, %3.0f %% of the copy", found.what(), found.rate() / 1e9, percent);
        }
    }

    private static void write(Bandwidth.Found found, ObjectNode node) {
        node.put("what", found.what()).put("bytes", found.bytes()).put("microseconds", found.seconds() * 1e6);
    }

    private void bench(Device device, Runnable wait) throws IOException {
        ArrayNode steps = result.putArray("steps");
        Findings findings = new Findings("step");
        for (String rule : plan.step().rules()) {
            ObjectNode node = steps.addObject();
            StepTrial.Speed speed = step().run(rule, device, wait, values, findings, node);
            if (speed == null) {
                node.put("rule", rule).put("refused", "its result is wrong");
                print("%s: no speed is shown: its result is wrong", rule);
                continue;
            }
            double flops = node.get("flops_per_s").asDouble();
            node.put(
                    "utilisation_of_product",
                    flops / result.path("bandwidth").path("product_flops_per_s").asDouble(Double.NaN));
            if (plan.step().peak() > 0) {
                node.put("peak_flops_per_s", plan.step().peak())
                        .put("utilisation", flops / plan.step().peak());
            }
            print(
                    "%-24s %10.0f tokens/s, %.2f ms (best %.2f), %.2f TFLOP/s%s, %.0f MiB held",
                    rule,
                    speed.tokensPerSecond(),
                    speed.milliseconds(),
                    speed.best(),
                    flops / 1e12,
                    utilisation(flops),
                    speed.bytes() / (double) (1 << 20));
            print("%-24s %s", "", node.path("profile").path("groups"));
        }
        note(findings);
    }

    private String utilisation(double flops) {
        return plan.step().peak() > 0
                ? String.format(
                        Locale.ROOT,
                        " = %.1f %% of the peak",
                        100 * flops / plan.step().peak())
                : "";
    }

    /** Whether something was wrong so far. */
    public boolean failed() {
        return failed;
    }

    private ObjectNode part(String name) {
        return result.withObject("/" + name);
    }

    private void note(Findings findings) {
        failed |= findings.failed() > 0;
        findings.write(part(findings.part()));
        findings.lines().forEach(out::println);
    }

    private void print(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
    }
}
