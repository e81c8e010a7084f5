package org.deepdelta.experiment.gpu;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.deepdelta.model.Gpt;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Tape;

/** Small models: loss and every gradient against values in double on the references; and equal bits for equal seeds, over training steps. */
final class ModelTrial {
    private static final String FILE = "models";
    private static final String LOSS = "loss";
    private static final List<DType> TYPES = List.of(DType.F32, DType.BF16);
    /** Relative, of F32 and of BF16: a loss, and a gradient as a whole. */
    private static final double SINGLE_LOSS = 1e-5;

    private static final double HALF_LOSS = 1e-2;
    private static final double SINGLE_GRADIENT = 1e-4;
    private static final double HALF_GRADIENT = 0.1;

    private final Models models = Models.SMALL;
    private final List<String> rules;

    ModelTrial(List<String> rules) {
        this.rules = rules;
    }

    /** Makes the values. */
    void make(Values values) throws IOException {
        Map<String, double[]> numbers = new LinkedHashMap<>();
        for (String rule : rules) {
            for (DType type : TYPES) {
                Device device = Device.reference();
                Gpt gpt = models.model(rule, device, DType.F64, type);
                Models.differentiate(
                        gpt, device, models.batch(models.rows(), models.rows(), 0), (loss, gradients, t) -> {
                            numbers.put(key(rule, type, LOSS), new double[] {loss});
                            gradients.forEach((name, g) -> numbers.put(key(rule, type, name), g.toDoubles()));
                        });
            }
        }
        values.write(FILE, numbers);
    }

    private static String key(String rule, DType type, String tensor) {
        return rule + " / " + type + " / " + tensor;
    }

    /** Compares. */
    Findings run(Device device, Values values) throws IOException {
        Findings findings = new Findings("models");
        for (String rule : rules) {
            for (DType type : TYPES) {
                if (device.takes(type)) {
                    findings.add(check(rule, type, device, values, findings));
                }
            }
        }
        return findings;
    }

    private List<String> check(String rule, DType type, Device device, Values values, Findings findings)
            throws IOException {
        List<String> wrong = new ArrayList<>();
        Map<String, double[]> actual = new LinkedHashMap<>();
        String what = rule + ", " + type;
        try {
            Gpt gpt = models.model(rule, device, type, type);
            Models.differentiate(gpt, device, models.batch(models.rows(), models.rows(), 0), (loss, gradients, t) -> {
                actual.put(LOSS, new double[] {loss});
                gradients.forEach((name, g) -> actual.put(name, g.toDoubles()));
                fallbacks(t).forEach(f -> wrong.add(what + ": " + f));
            });
            Models.close(gpt);
        } catch (RuntimeException e) {
            return List.of(what + ": " + e);
        }
        boolean half = type == DType.BF16;
        Map<String, double[]> expected = new LinkedHashMap<>();
        for (String name : actual.keySet()) {
            expected.put(name, values.read(FILE, key(rule, type, name)));
        }
        String loss = findings.compare(
                type + " loss",
                what + ", loss",
                expected.remove(LOSS),
                actual.get(LOSS),
                half ? HALF_LOSS : SINGLE_LOSS);
        if (loss != null) {
            wrong.add(loss);
        }
        wrong.addAll(findings.compareGradients(
                type + " gradients", what, expected, actual, half ? HALF_GRADIENT : SINGLE_GRADIENT));
        return wrong;
    }

    /** The operations that ran on their reference. */
    static TreeSet<String> fallbacks(Tape t) {
        TreeSet<String> found = new TreeSet<>();
        for (String operation : t.ran().keySet()) {
            if (operation.endsWith(" reference")) {
                found.add(operation + " ran in the place of a kernel");
            }
        }
        return found;
    }
}
