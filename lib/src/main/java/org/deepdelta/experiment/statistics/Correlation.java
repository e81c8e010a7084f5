package org.deepdelta.experiment.statistics;

import java.util.Locale;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;

/**
 * Pearson's correlation r of two numbers over n models or runs. The interval is Fisher's, tanh(artanh r ± 1.96 / sqrt(n - 3)); p is the two-sided probability of such an r
 * where there is none and both are normal, from t = r sqrt((n - 2) / (1 - r^2)).
 *
 * @param n how many pairs
 * @param r in [-1, 1]
 * @param interval of r
 * @param p two-sided, not corrected, see {@link PairedDifference#holm(double...)}
 */
public record Correlation(int n, double r, Interval interval, double p) {
    private static final int LEAST = 4;

    /**
     * Correlates.
     *
     * @throws IllegalArgumentException unless both have the same number of at least four numbers, all finite, and neither is constant
     */
    public static Correlation of(double[] a, double[] b) {
        if (a.length != b.length || a.length < LEAST) {
            throw new IllegalArgumentException(
                    "correlation: expected the same four or more on both sides, got " + a.length + " and " + b.length);
        }
        int n = a.length;
        double r = new PearsonsCorrelation().correlation(a, b);
        if (Double.isNaN(r)) {
            throw new IllegalArgumentException("correlation: expected finite numbers that differ among each other");
        }
        double z = 0.5 * Math.log((1 + r) / (1 - r));
        double half = new NormalDistribution(null, 0, 1).inverseCumulativeProbability(0.5 + Interval.LEVEL / 2)
                / Math.sqrt(n - 3);
        double t = r * Math.sqrt((n - 2) / (1 - r * r));
        return new Correlation(
                n,
                r,
                new Interval(Math.tanh(z - half), Math.tanh(z + half)),
                2 * new TDistribution(null, n - 2).cumulativeProbability(-Math.abs(t)));
    }

    /** In words, such as {@code +0.82 (95 % interval +0.39 to +0.96, n = 10)}. */
    public String text() {
        return String.format(Locale.ROOT, "%+.2f (95 %% interval %s, n = %d)", r, interval.text(2), n);
    }
}
