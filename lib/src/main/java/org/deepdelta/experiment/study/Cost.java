package org.deepdelta.experiment.study;

/**
 * What a run takes, from a few steps of it: the time depends on what else the machine does, and on how warm this process is.
 *
 * @param milliseconds of a step
 * @param bytes of memory outside the Java heap
 */
public record Cost(double milliseconds, long bytes) {
    private static final int STEPS = 6;

    /** Takes a few steps. */
    public static Cost of(RunConfig config, Task task) {
        double best = Double.POSITIVE_INFINITY;
        try (StepRun run = new StepRun(config, task)) {
            for (int i = 0; i < STEPS; i++) {
                best = Math.min(best, run.milliseconds());
            }
            return new Cost(best, run.bytes());
        }
    }

    /** What decides the cost of a step: all but seed, tuning and the number of steps. */
    static RunConfig size(RunConfig config) {
        RunConfig c = config;
        return new RunConfig(
                c.task(), c.rule(), c.layers(), c.heads(), c.width(), 1, c.rows(), c.shards(), 1, 1e-3, 0, 1, 0);
    }
}
