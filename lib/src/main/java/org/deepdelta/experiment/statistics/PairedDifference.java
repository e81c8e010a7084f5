package org.deepdelta.experiment.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.moment.Mean;
import org.apache.commons.math3.stat.descriptive.moment.StandardDeviation;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.deepdelta.tensor.Rng;

/**
 * The differences a_i - b_i of two variants over n seeds, and what they say of the mean difference.
 *
 * <p>With D their mean and s their standard deviation, t = D sqrt(n) / s; the interval is D ± t(n-1, 0.975) s / sqrt(n) and p the two-sided
 * probability of such a t where the true difference is nil and differences are normal. The bootstrap interval assumes no shape: the
 * 2.5 and 97.5 percentiles of the means of 10,000 resamples, always the same ones. With few seeds it is too narrow (at n = 5 some 0.6
 * of the other's length: it divides by n, not n - 1, and knows no tail that was not drawn), so conclusions use the t interval. Where all
 * differences are equal, s = 0: the intervals have no length, p is 0, or 1 if the differences are nil, and the effect is infinite, or 0.
 *
 * @param differences a_i - b_i, in the order of the seeds
 * @param mean D
 * @param deviation s, with n - 1
 * @param interval of the mean, from the t distribution
 * @param bootstrap interval of the mean, from resampling
 * @param effect D / s, Cohen's d of paired samples, made unbiased for small n by Hedges' factor 1 - 3 / (4 (n-1) - 1)
 * @param p two-sided, of the paired t test; not corrected, see {@link #holm}
 */
public record PairedDifference(
        List<Double> differences,
        double mean,
        double deviation,
        Interval interval,
        Interval bootstrap,
        double effect,
        double p) {
    private static final int RESAMPLES = 10_000;

    /** Keeps a copy of the list. */
    public PairedDifference {
        differences = List.copyOf(differences);
    }

    /**
     * Compares two variants.
     *
     * @param a a score of the one, by seed
     * @param b the same score of the other, of the same seeds in the same order
     * @throws IllegalArgumentException unless both have the same number of at least two seeds and all scores are finite
     */
    public static PairedDifference of(double[] a, double[] b) {
        if (a.length != b.length || a.length < 2) {
            throw new IllegalArgumentException("paired scores: expected the same two or more seeds on both sides, got "
                    + a.length + " and " + b.length);
        }
        double[] differences =
                IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray();
        for (int i = 0; i < a.length; i++) {
            if (!Double.isFinite(differences[i])) {
                throw new IllegalArgumentException(
                        "paired scores: expected finite numbers, got " + a[i] + " and " + b[i] + " at place " + i);
            }
        }
        int n = a.length;
        double mean = new Mean().evaluate(differences);
        double deviation = new StandardDeviation().evaluate(differences);
        double error = deviation / Math.sqrt(n);
        TDistribution t = new TDistribution(null, n - 1);
        double half = t.inverseCumulativeProbability(0.5 + Interval.LEVEL / 2) * error;
        double effect = mean == 0 ? 0 : mean / deviation;
        double p = mean == 0 ? 1 : deviation == 0 ? 0 : 2 * t.cumulativeProbability(-Math.abs(mean) / error);
        return new PairedDifference(
                Arrays.stream(differences).boxed().toList(),
                mean,
                deviation,
                new Interval(mean - half, mean + half),
                resampled(differences),
                n == 2 ? effect : effect * (1 - 3 / (4.0 * (n - 1) - 1)),
                p);
    }

    /** How many seeds there are. */
    public int n() {
        return differences.size();
    }

    /**
     * Holm's correction: the probability of one or more false findings among all of these comparisons stays below alpha if those below alpha
     * here are called findings, whatever depends on what.
     *
     * @param comparisons all that were made, not only those that look well
     * @return adjusted p values, in the same order
     */
    public static double[] holm(List<PairedDifference> comparisons) {
        return holm(comparisons.stream().mapToDouble(PairedDifference::p).toArray());
    }

    /** The same from p values. */
    public static double[] holm(double... p) {
        int m = p.length;
        int[] order = IntStream.range(0, m)
                .boxed()
                .sorted((i, j) -> Double.compare(p[i], p[j]))
                .mapToInt(i -> i)
                .toArray();
        double[] adjusted = new double[m];
        double most = 0;
        for (int rank = 0; rank < m; rank++) {
            most = Math.max(most, Math.min(1, (m - rank) * p[order[rank]]));
            adjusted[order[rank]] = most;
        }
        return adjusted;
    }

    private static Interval resampled(double[] differences) {
        Rng rng = Rng.of(0, "bootstrap");
        int n = differences.length;
        double[] means = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += differences[(int) rng.below((long) r * n + i, n)];
            }
            means[r] = sum / n;
        }
        Percentile percentile = new Percentile();
        percentile.setData(means);
        double tail = 100 * (1 - Interval.LEVEL) / 2;
        return new Interval(percentile.evaluate(tail), percentile.evaluate(100 - tail));
    }
}
