package org.deepdelta.experiment.gpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deepdelta.model.Gpt;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.Optimizer;
import org.deepdelta.train.TrainStep;

/** The same seed twice gives the same bits: losses, norms and parameters after some training steps. */
final class DeterminismTrial {
    private static final int STEPS = 4;
    private static final double RATE = 1e-2;

    private final List<String> rules;

    DeterminismTrial(List<String> rules) {
        this.rules = rules;
    }

    /** Trains every rule twice in each type. */
    Findings run(Device device) {
        Findings findings = new Findings("determinism");
        for (String rule : rules) {
            for (DType type : List.of(DType.F32, DType.BF16)) {
                if (device.takes(type)) {
                    findings.add(compare(rule + ", " + type, trained(rule, type, device), trained(rule, type, device)));
                }
            }
        }
        return findings;
    }

    private static List<String> compare(String what, Map<String, double[]> once, Map<String, double[]> again) {
        List<String> wrong = new ArrayList<>();
        once.forEach((name, values) -> {
            double[] others = again.get(name);
            for (int i = 0; i < values.length; i++) {
                if (Double.doubleToRawLongBits(values[i]) != Double.doubleToRawLongBits(others[i])) {
                    wrong.add(what + ", " + name + "[" + i + "]: " + values[i] + ", the second time " + others[i]);
                    break;
                }
            }
        });
        return wrong;
    }

    private static Map<String, double[]> trained(String rule, DType type, Device device) {
        Models models = Models.SMALL;
        Gpt gpt = models.model(rule, device, type, type);
        Optimizer optimizer = new Optimizer(gpt.parameters(), Optimizer.Config.paper(), device);
        double[] losses = new double[STEPS];
        double[] norms = new double[STEPS];
        Map<String, double[]> result = new LinkedHashMap<>();
        try (TrainStep step = new TrainStep(gpt.parameters(), device, 1, 1)) {
            for (int i = 0; i < STEPS; i++) {
                TrainStep.Micro micro = new TrainStep.Micro(models.batch(models.rows(), models.rows(), i), gpt::loss);
                TrainStep.Outcome outcome = step.run(List.of(micro), optimizer, RATE);
                losses[i] = outcome.loss();
                norms[i] = outcome.norm();
            }
        }
        result.put("losses", losses);
        result.put("gradient norms", norms);
        gpt.parameters().named().forEach((name, tensor) -> result.put(name, tensor.toDoubles()));
        Models.close(gpt);
        return result;
    }
}
