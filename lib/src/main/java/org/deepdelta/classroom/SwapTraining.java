package org.deepdelta.classroom;

import org.deepdelta.data.Batches;
import org.deepdelta.data.FlipTask;
import org.deepdelta.experiment.Accuracy;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.ops.crossentropy.CrossEntropy;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.TrainConfig;
import org.deepdelta.train.Trainer;

/**
 * A training of seconds on a task across depth: swaps of two of eight symbols ({@link FlipTask}), by one block of width 16 that is applied once or
 * three times, batches in turn. Who answers "unchanged" is right half the time.
 *
 * @param steps of training, 16 rows each
 * @param rate at its peak
 */
public record SwapTraining(int steps, double rate) {
    private static final FlipTask TASK = new FlipTask(8, 2, 6, 7);
    private static final int WIDTH = 16;
    private static final int ROWS = 16;
    private static final int TEST_ROWS = 128;
    private static final long TEST = 1_000_000_000L;
    private static final long RUN = 100_000;

    /**
     * Trains a rule and asks it.
     *
     * @param rule that no model has taken yet
     * @param seed of parameters and data; one seed gives every rule the same rows in the same order
     * @return the part of 768 questions that it answers, after one round and after three, their mean
     * @throws ArithmeticException if the training diverges
     * @throws IllegalArgumentException if steps or rate are not positive
     */
    public double score(ResidualStream rule, long seed) {
        Device cpu = Device.cpu();
        Gpt gpt = new Gpt(GptConfig.of(TASK.vocabulary(), 1, 2, WIDTH), rule, cpu, DType.F32, seed);
        long first = RUN * seed;
        Batches data = i -> TASK.training(ROWS, rounds(first + i)).batch(first + i);
        TrainConfig config =
                TrainConfig.of(ROWS, TASK.length(), steps, rate).withSeed(seed).every(0, 0);
        try (Trainer trainer = new Trainer(gpt.parameters(), gpt.state(), cpu, config, data, gpt::loss)) {
            trainer.losses(i -> (t, ids, targets, n) ->
                            CrossEntropy.apply(t, gpt.logits(t, ids, rounds(first + i)), targets, n))
                    .run();
        }
        return (answered(gpt, cpu, 1) + answered(gpt, cpu, 3)) / 2;
    }

    private static double answered(Gpt gpt, Device cpu, int rounds) {
        return Accuracy.of(gpt, cpu, TASK.training(TEST_ROWS, rounds).batch(TEST), rounds);
    }

    private static int rounds(long position) {
        return position % 2 == 0 ? 1 : 3;
    }
}
