package org.deepdelta.experiment.statistics;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * A family of paired differences that were announced together, judged together: p values are corrected over all of them after Holm
 * ({@link PairedDifference#holm}), whichever are looked at.
 *
 * <pre>{@code
 * Comparisons family = new Comparisons(0.05)
 *         .with("DDL - additive", evidence.difference("accuracy", "DDL", "additive"))
 *         .with("DDL - HC", evidence.difference("accuracy", "DDL", "HC"));
 * family.verdict("DDL - HC");     // UNDECIDED
 * family.table("difference");     // all, with intervals
 * }</pre>
 */
public final class Comparisons {
    private static final double ALPHA = 0.05;

    /** What a comparison lets one say. */
    public enum Verdict {
        /** The interval lies above 0, and the corrected p is below 0.05. */
        ABOVE,
        /** The interval lies below 0, and the corrected p is below 0.05. */
        BELOW,
        /** Neither, and the whole interval is nearer to 0 than the smallest difference of interest. */
        SMALL,
        /** None of these. */
        UNDECIDED;

        /** As a table shows it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final double interest;
    private final Map<String, PairedDifference> differences;
    private final Map<String, Double> adjusted = new LinkedHashMap<>();

    /**
     * An empty family.
     *
     * @param interest the smallest difference of interest, above 0
     */
    public Comparisons(double interest) {
        this(interest, Map.of());
        if (!(interest > 0)) {
            throw new IllegalArgumentException(
                    "smallest difference of interest: expected a number above 0, got " + interest);
        }
    }

    private Comparisons(double interest, Map<String, PairedDifference> differences) {
        this.interest = interest;
        this.differences = differences;
        double[] p = PairedDifference.holm(new ArrayList<>(differences.values()));
        int i = 0;
        for (String name : differences.keySet()) {
            adjusted.put(name, p[i++]);
        }
    }

    /**
     * The family with one comparison more.
     *
     * @param name such as {@code DDL - additive}
     * @throws IllegalArgumentException if it has one of that name
     */
    public Comparisons with(String name, PairedDifference difference) {
        Map<String, PairedDifference> more = new LinkedHashMap<>(differences);
        if (more.put(name, difference) != null) {
            throw new IllegalArgumentException("comparisons: there are two of the name " + name);
        }
        return new Comparisons(interest, more);
    }

    /** The names in their order. */
    public List<String> names() {
        return List.copyOf(differences.keySet());
    }

    /**
     * A comparison.
     *
     * @throws IllegalArgumentException if there is none of that name, listing those that there are
     */
    public PairedDifference of(String name) {
        PairedDifference found = differences.get(name);
        if (found == null) {
            throw new IllegalArgumentException(
                    "comparisons: expected one of " + String.join("; ", names()) + ", got " + name);
        }
        return found;
    }

    /** Its p, corrected over the family. */
    public double adjusted(String name) {
        of(name);
        return adjusted.get(name);
    }

    /** What it lets one say. */
    public Verdict verdict(String name) {
        PairedDifference d = of(name);
        if (!d.interval().contains(0) && adjusted(name) < ALPHA) {
            return d.mean() > 0 ? Verdict.ABOVE : Verdict.BELOW;
        }
        return d.interval().low() > -interest && d.interval().high() < interest ? Verdict.SMALL : Verdict.UNDECIDED;
    }

    /** A comparison in words, such as {@code +0.32 (95 % interval +0.18 to +0.46, Holm's p 0.020)}. */
    public String text(String name) {
        PairedDifference d = of(name);
        return String.format(
                Locale.ROOT,
                "%+.2f (95 %% interval %s, Holm's p %.3f)",
                d.mean(),
                d.interval().text(2),
                adjusted(name));
    }

    /**
     * All of them, a row each: n, mean, intervals, effect, corrected p, verdict.
     *
     * @param what head of the first column
     */
    public Table table(String what) {
        return Table.create(
                StringColumn.create(what, names()),
                IntColumn.create(
                        "n",
                        differences.values().stream()
                                .mapToInt(PairedDifference::n)
                                .toArray()),
                DoubleColumn.create("mean", column(PairedDifference::mean)),
                StringColumn.create(
                        "95 % (t)",
                        differences.values().stream()
                                .map(d -> d.interval().text(3))
                                .toArray(String[]::new)),
                StringColumn.create(
                        "95 % (bootstrap)",
                        differences.values().stream()
                                .map(d -> d.bootstrap().text(3))
                                .toArray(String[]::new)),
                DoubleColumn.create("effect", column(PairedDifference::effect)),
                DoubleColumn.create(
                        "p, Holm",
                        adjusted.values().stream().mapToDouble(p -> p).toArray()),
                StringColumn.create(
                        "verdict",
                        names().stream().map(name -> verdict(name).toString()).toArray(String[]::new)));
    }

    private double[] column(ToDoubleFunction<PairedDifference> what) {
        return differences.values().stream().mapToDouble(what).toArray();
    }

    /**
     * What each comparison would have needed: the true difference that so many pairs find with a probability of 0.8 at the first of Holm's levels,
     * 0.05 over the size of the family, if differences vary as these did.
     *
     * @return name to difference, in the family's order
     */
    public Map<String, Double> detectable() {
        Map<String, Double> needed = new LinkedHashMap<>();
        Map<Integer, Double> effects = new LinkedHashMap<>();
        PairedTest test = new PairedTest(ALPHA / differences.size());
        differences.forEach((name, d) ->
                needed.put(name, d.deviation() * effects.computeIfAbsent(d.n(), n -> test.detectable(n, 0.8))));
        return needed;
    }

    /** The least and the greatest of {@link #detectable}, in a sentence. */
    public String power() {
        DoubleSummaryStatistics needed =
                detectable().values().stream().mapToDouble(x -> x).summaryStatistics();
        return String.format(
                Locale.ROOT,
                "Power 0.8 at the first of Holm's levels would have needed differences of %.2f to %.2f.",
                needed.getMin(),
                needed.getMax());
    }
}
