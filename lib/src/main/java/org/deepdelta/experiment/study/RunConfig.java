package org.deepdelta.experiment.study;

import java.io.Serializable;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.Optimizer;
import org.deepdelta.train.Schedule;
import org.deepdelta.train.TrainConfig;

/**
 * Everything that decides the numbers of one training run, on a given machine: device and threads are no part of it. Sizes that are not named are
 * the authors' defaults ({@link GptConfig#of}); the rate rises over a tenth of the steps and falls to a tenth of its peak.
 *
 * @param task line that {@link Task#of} reads
 * @param rule line that {@link ResidualStream#of} reads
 * @param layers L
 * @param heads H
 * @param width d, a multiple of the heads
 * @param factor f, matrices start at f / sqrt(d)
 * @param rows of a batch
 * @param shards parts that a batch is cut into
 * @param steps of training
 * @param rate at its peak
 * @param decay of weights
 * @param clip largest norm of the gradient
 * @param seed of model and data
 */
public record RunConfig(
        String task,
        String rule,
        int layers,
        int heads,
        int width,
        double factor,
        int rows,
        int shards,
        int steps,
        double rate,
        double decay,
        double clip,
        long seed)
        implements Serializable {

    /** The model's sizes. */
    public GptConfig sizes(Task of) {
        GptConfig usual = GptConfig.of(of.vocabulary(), layers, heads, width);
        return new GptConfig(
                usual.vocabulary(),
                layers,
                width,
                usual.attention(),
                usual.hidden(),
                usual.embeddingStd(),
                factor,
                usual.normEps(),
                usual.logitScale());
    }

    /** The model as it starts. */
    public Gpt model(Task of, Device device, DType type) {
        return new Gpt(sizes(of), ResidualStream.of(rule), device, type, seed);
    }

    /** The schedule of the learning rate. */
    public Schedule schedule() {
        return new Schedule(rate, rate / 10, steps / 10, steps);
    }

    /** What AdamW needs beside it. */
    public Optimizer.Config optimizer() {
        Optimizer.Config paper = Optimizer.Config.paper();
        return new Optimizer.Config(paper.beta1(), paper.beta2(), paper.eps(), decay, clip);
    }

    /** The training on one thread, with a checkpoint every so many steps. */
    public TrainConfig training(Task of, int saveEvery) {
        return new TrainConfig(rows, of.length(), 1, shards, 1, schedule(), optimizer(), seed, 0, saveEvery);
    }

    /** Tokens that the whole run reads. */
    public long tokens(Task of) {
        return (long) steps * rows * of.length();
    }

    /**
     * Tries rule, sizes and schedule, so that a grid fails before anything runs.
     *
     * @throws IllegalArgumentException naming what is wrong
     */
    public RunConfig check(Task of) {
        training(of, 0);
        Gpt.count(sizes(of), ResidualStream.of(rule));
        return this;
    }

    /** This run from another seed. */
    public RunConfig withSeed(long other) {
        return new RunConfig(task, rule, layers, heads, width, factor, rows, shards, steps, rate, decay, clip, other);
    }

    /** This run with what a tuning decides, rate, factor and decay, as in another. */
    public RunConfig tunedAs(RunConfig other) {
        return new RunConfig(
                task,
                rule,
                layers,
                heads,
                width,
                other.factor,
                rows,
                shards,
                steps,
                other.rate,
                other.decay,
                clip,
                seed);
    }

    /** Tells configurations apart, 16 hexadecimal digits. */
    public String hash() {
        return Hash.of(toString());
    }
}
