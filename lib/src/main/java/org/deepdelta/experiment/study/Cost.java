package org.deepdelta.experiment.study;

import java.util.List;
import org.deepdelta.model.Gpt;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.Optimizer;
import org.deepdelta.train.TrainStep;

/**
 * What a run takes, from a few steps of it: the time depends on what else the machine does, and on how warm this process is.
 *
 * @param milliseconds of a step
 * @param bytes of memory outside the Java heap
 */
public record Cost(double milliseconds, long bytes) {
    private static final int STEPS = 6;
    private static final int COPIES = 4; // value, gradient, two moments

    /** Takes a few steps. */
    public static Cost of(RunConfig config, Task task) {
        Device device = Device.cpu();
        Gpt gpt = config.model(task, device, DType.F32);
        Optimizer optimizer = new Optimizer(gpt.parameters(), config.optimizer(), device);
        double best = Double.POSITIVE_INFINITY;
        try (TrainStep step = new TrainStep(gpt.parameters(), device, config.shards(), 1)) {
            for (int i = 0; i < STEPS; i++) {
                long start = System.nanoTime();
                TrainStep.Micro micro = new TrainStep.Micro(
                        task.training(config.rows(), config.seed()).batch(i), task.loss(gpt, config.seed(), i));
                step.run(List.of(micro), optimizer, config.rate());
                best = Math.min(best, (System.nanoTime() - start) / 1e6);
            }
            long parameters = gpt.parameters().count() * Float.BYTES * (COPIES + config.shards());
            return new Cost(best, parameters + step.arenaBytes());
        }
    }

    /** What decides it: all but seed and tuning. */
    static RunConfig size(RunConfig config) {
        RunConfig c = config;
        return new RunConfig(
                c.task(),
                c.rule(),
                c.layers(),
                c.heads(),
                c.width(),
                1,
                c.rows(),
                c.shards(),
                c.steps(),
                1e-3,
                0,
                1,
                0);
    }
}
