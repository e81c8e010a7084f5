package org.deepdelta.experiment.statistics;

import java.util.Locale;

/**
 * A 95 % interval: a procedure that covers the true value 19 times in 20, over repetitions of the whole experiment.
 *
 * @param low end
 * @param high end
 */
public record Interval(double low, double high) {

    /** The share of repetitions that such intervals cover. */
    public static final double LEVEL = 0.95;

    /** Whether a value lies inside, ends included. */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }

    /** "low to high" with a fixed number of decimals. */
    public String text(int decimals) {
        String format = "%+." + decimals + "f";
        return String.format(Locale.ROOT, format + " to " + format, low, high);
    }
}
