package org.deepdelta.experiment.parity;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Collects how far computed tensors are from expected ones, by group, and what went past its tolerance. */
final class Comparison {

    /** Groups of tensors and how close they must be: relative to the largest entry, plus an absolute part. */
    enum Group {
        OUTPUTS(1e-9, 0, 1e-5, 0),
        STATES(1e-9, 0, 1e-5, 0),
        GRADIENTS(1e-9, 0, 1e-4, 1e-6),
        GENERATION(1e-9, 0, 1e-5, 0),
        TRAINING(0, 1e-9, 0, 1e-5);

        private final double relative64;
        private final double absolute64;
        private final double relative32;
        private final double absolute32;

        Group(double relative64, double absolute64, double relative32, double absolute32) {
            this.relative64 = relative64;
            this.absolute64 = absolute64;
            this.relative32 = relative32;
            this.absolute32 = absolute32;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final boolean single;
    private final Map<Group, Double> worst = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();

    Comparison(boolean single) {
        this.single = single;
    }

    /** Compares a tensor; NaN equals NaN at the same place, since the authors' code gives NaN for k = 0 with eps = 0. */
    void check(Group group, String name, double[] expected, double[] actual) {
        if (expected.length != actual.length) {
            failures.add(name + ": expected " + expected.length + " elements, got " + actual.length);
            return;
        }
        double largest = 0;
        for (double e : expected) {
            largest = Math.max(largest, Double.isFinite(e) ? Math.abs(e) : 0);
        }
        double error = 0;
        int at = -1;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(expected[i] - actual[i]);
            boolean same = expected[i] == actual[i] || (Double.isNaN(expected[i]) && Double.isNaN(actual[i]));
            double here = same ? 0 : Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
            if (here > error) {
                error = here;
                at = i;
            }
        }
        double scale = group == Group.TRAINING || largest == 0 ? 1 : largest;
        worst.merge(group, error / scale, Math::max);
        double allowed =
                single ? group.relative32 * largest + group.absolute32 : group.relative64 * largest + group.absolute64;
        if (!(error <= allowed)) {
            failures.add(String.format(
                    Locale.ROOT,
                    "%s[%d]: expected %.9g, got %.9g, off by %.2g where %.2g is allowed (largest entry %.3g)",
                    name,
                    at,
                    expected[at],
                    actual[at],
                    error,
                    allowed,
                    largest));
        }
    }

    void fail(String message) {
        failures.add(message);
    }

    List<String> failures() {
        return failures;
    }

    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        worst.forEach((group, error) -> parts.add(String.format(Locale.ROOT, "%s %.1e", group.label(), error)));
        return String.join(" ", parts);
    }
}
