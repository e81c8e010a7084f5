package org.deepdelta.experiment.gpu;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What a part of the trial found: how many things were compared, the largest deviation of each group, and what went past its tolerance. */
final class Findings {
    private static final int SHOWN = 20;
    private static final double LEAST = 0.01;

    private final String part;
    private final List<String> failures = new ArrayList<>();
    private final Map<String, Double> worst = new TreeMap<>();
    private int passed;
    private int failed;

    Findings(String part) {
        this.part = part;
    }

    String part() {
        return part;
    }

    int failed() {
        return failed;
    }

    int passed() {
        return passed;
    }

    List<String> failures() {
        return failures;
    }

    /** The largest deviation found in a group. */
    double worst(String group) {
        return worst.getOrDefault(group, 0.0);
    }

    /** Counts one thing with what is wrong with it: nothing, if it passed. */
    void add(List<String> wrong) {
        if (wrong.isEmpty()) {
            passed++;
        } else {
            failed++;
            failures.addAll(wrong);
        }
    }

    /** Compares element by element, relative to the largest entry: null if within the tolerance. */
    String compare(String group, String what, double[] expected, double[] actual, double tolerance) {
        if (expected.length != actual.length) {
            return what + ": expected " + expected.length + " elements, got " + actual.length;
        }
        double largest = Float.MIN_NORMAL;
        for (double e : expected) {
            largest = Math.max(largest, Math.abs(e));
        }
        double error = 0;
        int at = 0;
        for (int i = 0; i < expected.length; i++) {
            double here = Math.abs(expected[i] - actual[i]);
            here = Double.isNaN(here) ? Double.POSITIVE_INFINITY : here;
            if (here > error) {
                error = here;
                at = i;
            }
        }
        return within(
                group,
                error / largest,
                tolerance,
                expected.length == 0 ? what : at(what, at, expected[at], actual[at]));
    }

    /**
     * Compares gradients, each as a whole: the norm of the difference over that of what is expected. Some gradients are what is left where
     * larger ones cancel, so none counts for less than a hundredth of all gradients together.
     *
     * @return what is past the tolerance
     */
    List<String> compareGradients(
            String group, String what, Map<String, double[]> expected, Map<String, double[]> actual, double tolerance) {
        double all = Math.sqrt(
                expected.values().stream().mapToDouble(Findings::squared).sum());
        List<String> wrong = new ArrayList<>();
        expected.forEach((name, e) -> {
            double[] difference = e.clone();
            double[] a = actual.get(name);
            if (a == null || a.length != e.length) {
                wrong.add(what + ", " + name + ": expected " + e.length + " elements");
                return;
            }
            Arrays.setAll(difference, i -> e[i] - a[i]);
            double off = Math.sqrt(squared(difference)) / scale(Math.sqrt(squared(e)), all);
            wrong.add(within(group, off, tolerance, what + ", gradient of " + name + " as a whole"));
        });
        wrong.removeIf(Objects::isNull);
        return wrong;
    }

    /** What a gradient's difference is measured by: its norm, at least a hundredth of that of all gradients. */
    static double scale(double norm, double all) {
        return Math.max(Math.max(norm, LEAST * all), Float.MIN_NORMAL);
    }

    private static double squared(double... values) {
        return Arrays.stream(values).map(v -> v * v).sum();
    }

    /** Notes a deviation: null if within the tolerance. */
    String within(String group, double deviation, double tolerance, String what) {
        worst.merge(group, deviation, Math::max);
        return deviation <= tolerance
                ? null
                : String.format(Locale.ROOT, "%s: off by %.2g where %.2g is allowed", what, deviation, tolerance);
    }

    private static String at(String what, int i, double expected, double actual) {
        return String.format(Locale.ROOT, "%s[%d]: expected %.9g, got %.9g", what, i, expected, actual);
    }

    /** A line, and a line for each failure. */
    List<String> lines() {
        StringBuilder line = new StringBuilder(String.format(
                Locale.ROOT,
                "%-12s %s  %d passed, %d failed",
                part,
                failed == 0 ? "passed" : "FAILED",
                passed,
                failed));
        worst.forEach((group, error) -> line.append(String.format(Locale.ROOT, "  %s %.1e", group, error)));
        List<String> lines = new ArrayList<>(List.of(line.toString()));
        failures.stream().limit(SHOWN).map(f -> "             " + f).forEach(lines::add);
        if (failures.size() > SHOWN) {
            lines.add("             and " + (failures.size() - SHOWN) + " more, see the result file");
        }
        return lines;
    }

    /** The same for a result file. */
    void write(ObjectNode node) {
        node.put("passed", passed).put("failed", failed);
        ObjectNode deviations = node.putObject("largest_deviation");
        worst.forEach(deviations::put);
        ArrayNode list = node.putArray("failures");
        failures.forEach(list::add);
    }
}
