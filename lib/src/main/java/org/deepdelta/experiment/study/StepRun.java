package org.deepdelta.experiment.study;

import java.util.List;
import org.deepdelta.model.Gpt;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.Optimizer;
import org.deepdelta.train.TrainStep;

/** The training steps of a configuration, one at a time and timed, without a trainer's log and checkpoints. */
final class StepRun implements AutoCloseable {
    private static final int COPIES = 4; // value, gradient, two moments

    private final RunConfig config;
    private final Task task;
    private final Gpt gpt;
    private final Optimizer optimizer;
    private final TrainStep step;
    private long position;

    StepRun(RunConfig config, Task task) {
        this.config = config;
        this.task = task;
        Device device = Device.cpu();
        gpt = config.model(task, device, DType.F32);
        optimizer = new Optimizer(gpt.parameters(), config.optimizer(), device);
        step = new TrainStep(gpt.parameters(), device, config.shards(), 1);
    }

    /** Takes the next step, its batch made within the time. */
    double milliseconds() {
        long start = System.nanoTime();
        TrainStep.Micro micro = new TrainStep.Micro(
                task.training(config.rows(), config.seed()).batch(position), task.loss(gpt, config.seed(), position));
        step.run(List.of(micro), optimizer, config.rate());
        position++;
        return (System.nanoTime() - start) / 1e6;
    }

    /** Memory outside the Java heap, known once a step was taken. */
    long bytes() {
        return gpt.parameters().count() * Float.BYTES * (COPIES + config.shards()) + step.arenaBytes();
    }

    @Override
    public void close() {
        step.close();
    }
}
