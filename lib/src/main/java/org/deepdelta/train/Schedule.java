package org.deepdelta.train;

/**
 * Learning rate: linear warm-up to {@code peak}, then a cosine down to {@code last} at {@code steps}.
 *
 * @param peak highest rate
 * @param last rate at the end
 * @param warmup steps of warm-up
 * @param steps of the whole run
 */
public record Schedule(double peak, double last, int warmup, int steps) {

    /** Checks the order of the numbers. */
    public Schedule {
        if (warmup < 0 || steps < warmup || peak <= 0 || last < 0 || last > peak) {
            throw new IllegalArgumentException(
                    "schedule: expected 0 <= warmup <= steps and 0 <= last <= peak, peak > 0, got warmup " + warmup
                            + ", steps " + steps + ", peak " + peak + ", last " + last);
        }
    }

    /** The rate at step t, counted from 0; after the end it stays at {@code last}. */
    public double rate(int t) {
        if (t < warmup) {
            return peak * (t + 1) / warmup;
        }
        if (t >= steps) {
            return last;
        }
        double progress = (double) (t - warmup) / (steps - warmup);
        return last + (peak - last) * (1 + StrictMath.cos(StrictMath.PI * progress)) / 2;
    }
}
