package org.deepdelta.experiment.statistics;

import org.apache.commons.math3.analysis.integration.IterativeLegendreGaussIntegrator;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * The two-sided paired t test before it is made: how probably n seeds find a difference of a given size.
 *
 * @param alpha the probability of a finding where there is none, such as 0.05
 */
public record PairedTest(double alpha) {
    private static final int MOST_PAIRS = 100_000;

    /** Checks the range. */
    public PairedTest {
        if (!(alpha > 0 && alpha < 1)) {
            throw new IllegalArgumentException("alpha: expected a number between 0 and 1, got " + alpha);
        }
    }

    /**
     * The power: the probability that |t| exceeds its critical value c. For a difference of delta standard deviations t is (Z + delta sqrt(n))
     * / S, with Z normal and (n - 1) S^2 chi-squared with n - 1 degrees of freedom, hence the integral over S of
     * Phi(delta sqrt(n) - c S) + Phi(-delta sqrt(n) - c S).
     *
     * @param n pairs, 2 or more
     * @param effect delta, the true mean difference over the standard deviation of differences
     * @throws IllegalArgumentException if n is below 2 or the effect is no finite number
     */
    public double power(int n, double effect) {
        if (n < 2 || !Double.isFinite(effect)) {
            throw new IllegalArgumentException(
                    "power: expected 2 or more pairs and a finite effect, got " + n + " and " + effect);
        }
        int freedom = n - 1;
        double critical = new TDistribution(null, freedom).inverseCumulativeProbability(1 - alpha / 2);
        ChiSquaredDistribution chi = new ChiSquaredDistribution(null, freedom);
        NormalDistribution normal = new NormalDistribution(null, 0, 1);
        double shift = effect * Math.sqrt(n);
        double widest = Math.sqrt(chi.inverseCumulativeProbability(1 - 1e-12) / freedom);
        return new IterativeLegendreGaussIntegrator(32, 1e-9, 1e-9)
                .integrate(
                        1_000_000,
                        s -> 2
                                * freedom
                                * s
                                * chi.density(freedom * s * s)
                                * (normal.cumulativeProbability(shift - critical * s)
                                        + normal.cumulativeProbability(-shift - critical * s)),
                        0,
                        widest);
    }

    /**
     * The fewest pairs whose power reaches a wanted one.
     *
     * @param effect as in {@link #power}, not 0
     * @param power wanted, below 1
     * @throws IllegalArgumentException if 100,000 pairs would not do
     */
    public int pairs(double effect, double power) {
        int enough = 2;
        while (enough <= MOST_PAIRS && !(power(enough, effect) >= power)) {
            enough *= 2;
        }
        if (enough > MOST_PAIRS) {
            throw new IllegalArgumentException("pairs: expected an effect that " + MOST_PAIRS
                    + " pairs find with power " + power + ", got " + effect);
        }
        int tooFew = enough / 2;
        while (enough - tooFew > 1) {
            int middle = (enough + tooFew) / 2;
            if (power(middle, effect) >= power) {
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        return enough;
    }

    /**
     * The smallest effect that n pairs find with a wanted power.
     *
     * @param n pairs, 2 or more
     * @param power wanted, above alpha and below 1
     */
    public double detectable(int n, double power) {
        if (!(power > alpha && power < 1)) {
            throw new IllegalArgumentException("power: expected a number between " + alpha + " and 1, got " + power);
        }
        double low = 0;
        double high = 1;
        while (power(n, high) < power) {
            high *= 2;
        }
        for (int i = 0; i < 50; i++) {
            double middle = (low + high) / 2;
            if (power(n, middle) >= power) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }
}
