package org.deepdelta.train;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers of a training run; model, data and loss are chosen apart. A run is as long as its schedule.
 *
 * @param batch B, rows of a micro-batch
 * @param length T, tokens a row
 * @param accumulation micro-batches whose gradients make one step
 * @param shards parts that a micro-batch is cut into, by rows; part of the result's bits
 * @param threads Java threads over the shards; no part of the bits
 * @param schedule learning rate, and how many steps
 * @param optimizer what else AdamW needs
 * @param seed what model and data were drawn from; recorded
 * @param validateEvery steps between validations, of which the last step always is one; 0 for none
 * @param saveEvery steps between checkpoints, beside the one at the end of a run or where it was stopped; 0 for none
 */
public record TrainConfig(
        int batch,
        int length,
        int accumulation,
        int shards,
        int threads,
        Schedule schedule,
        Optimizer.Config optimizer,
        long seed,
        int validateEvery,
        int saveEvery) {
    private static final int SHARDS = 4;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the key, its value and what is allowed
     */
    public TrainConfig {
        require("batch", batch, batch >= 1, "at least 1");
        require("length", length, length >= 1, "at least 1");
        require("accumulation", accumulation, accumulation >= 1, "at least 1");
        require("shards", shards, shards >= 1 && shards <= batch, "1 to batch = " + batch);
        require("threads", threads, threads >= 1, "at least 1");
        require("validateEvery", validateEvery, validateEvery >= 0, "at least 0");
        require("saveEvery", saveEvery, saveEvery >= 0, "at least 0");
        require("schedule: steps", schedule.steps(), schedule.steps() >= 1, "at least 1");
    }

    /**
     * A run with the paper's optimiser: warm-up over a tenth of the steps, then a cosine down to a tenth of the peak; four shards (as far
     * as there are rows), one thread, seed 0, ten validations, no checkpoint on the way.
     */
    public static TrainConfig of(int batch, int length, int steps, double peak) {
        return new TrainConfig(
                batch,
                length,
                1,
                Math.max(1, Math.min(SHARDS, batch)),
                1,
                new Schedule(peak, peak / 10, steps / 10, steps),
                Optimizer.Config.paper(),
                0,
                Math.max(1, steps / 10),
                0);
    }

    /** The same with another seed. */
    public TrainConfig withSeed(long other) {
        return new TrainConfig(
                batch, length, accumulation, shards, threads, schedule, optimizer, other, validateEvery, saveEvery);
    }

    /** The same on another number of threads. */
    public TrainConfig withThreads(int other) {
        return new TrainConfig(
                batch, length, accumulation, shards, other, schedule, optimizer, seed, validateEvery, saveEvery);
    }

    /** The same in another number of micro-batches a step. */
    public TrainConfig withAccumulation(int other) {
        return new TrainConfig(
                batch, length, other, shards, threads, schedule, optimizer, seed, validateEvery, saveEvery);
    }

    /** The same with other intervals between validations and between checkpoints, in steps; 0 for none. */
    public TrainConfig every(int validation, int checkpoint) {
        return new TrainConfig(
                batch, length, accumulation, shards, threads, schedule, optimizer, seed, validation, checkpoint);
    }

    /** The number of steps. */
    public int steps() {
        return schedule.steps();
    }

    /** Tokens a step. */
    public long tokens() {
        return (long) accumulation * batch * length;
    }

    /** What decides the bits of a run, by key: everything but threads and the checkpoints' interval. */
    public Map<String, String> identity() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("batch", Integer.toString(batch));
        map.put("length", Integer.toString(length));
        map.put("accumulation", Integer.toString(accumulation));
        map.put("shards", Integer.toString(shards));
        map.put("schedule", schedule.toString());
        map.put("optimizer", optimizer.toString());
        map.put("seed", Long.toString(seed));
        map.put("validateEvery", Integer.toString(validateEvery));
        return map;
    }

    private static void require(String key, long value, boolean holds, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(key + ": expected " + allowed + ", got " + value);
        }
    }
}
