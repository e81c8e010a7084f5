package org.deepdelta.experiment.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.deepdelta.experiment.statistics.PairedDifference;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The results of a study, once it was seen that they are complete, of the configurations that the study's file declares, and of code that behaves as
 * this code does. What a figure is drawn from.
 */
public final class Evidence {
    private static final int SHOWN = 3;

    /** What this code does, which does not change while it runs: a notebook that is run again does not wait again. */
    private static final Map<RunConfig, Fingerprint> KNOWN = new ConcurrentHashMap<>();

    private final Study study;
    private final Results results;
    private final List<Run> runs;
    private final List<RunResult> found = new ArrayList<>();

    private Evidence(Study study, Results results, List<Run> runs) {
        this.study = study;
        this.results = results;
        this.runs = runs;
    }

    /**
     * Checks a study's results.
     *
     * @param each whether the fingerprint is recomputed for every configuration, in about a second each, or for one of each variant
     * @throws IOException if the file cannot be read
     * @throws IllegalStateException if results are missing, or of other configurations, data or code, saying what differs and
     *     the command that refreshes them
     */
    public static Evidence of(Study study, Path file, boolean each) throws IOException {
        return of(study, file, each ? run -> run.config().withSeed(0) : Run::variant);
    }

    /**
     * Checks a study's results, and the fingerprint of its first configuration alone: for who draws on studies whose own notebooks check the rest.
     *
     * @throws IOException if the file cannot be read
     * @throws IllegalStateException as {@link #of(Study, Path, boolean)}
     */
    public static Evidence of(Study study, Path file) throws IOException {
        return of(study, file, run -> study.name());
    }

    private static Evidence of(Study study, Path file, Function<Run, Object> once) throws IOException {
        Results results = Results.read(file);
        List<Run> runs = study.studyRuns(results);
        if (runs == null) {
            Run lacking = study.tuningRuns().stream()
                    .filter(run -> results.of(run) == null)
                    .findFirst()
                    .orElseThrow();
            throw stale(study, file, "no result of " + lacking.describe() + " with its configuration as declared");
        }
        Evidence evidence = new Evidence(study, results, runs);
        evidence.find();
        evidence.check(once);
        return evidence;
    }

    private void find() {
        List<String> lacking = new ArrayList<>();
        for (Run run : runs) {
            RunResult result = results.of(run);
            if (result == null) {
                lacking.add(run.describe());
            } else {
                found.add(result);
            }
        }
        if (!lacking.isEmpty()) {
            throw stale(
                    study,
                    results.file(),
                    lacking.size() + " of " + runs.size() + " results are missing or of another configuration: "
                            + String.join("; ", lacking.subList(0, Math.min(SHOWN, lacking.size()))));
        }
    }

    /** Of the runs that have something in common, the first is run again; those of one configuration must say the same. */
    private void check(Function<Run, Object> once) {
        Function<String, Task> tasks = Study.tasks();
        Map<String, String> data = new HashMap<>();
        Map<RunConfig, RunResult> first = new HashMap<>();
        Set<Object> checked = new HashSet<>();
        for (RunResult result : found) {
            RunConfig config = result.run().config().withSeed(0);
            String digest =
                    data.computeIfAbsent(config.task(), t -> tasks.apply(t).digest());
            if (!result.data().equals(digest)) {
                throw otherwise(result, "the data: was " + result.data() + ", is " + digest);
            }
            if (checked.add(once.apply(result.run()))) {
                Fingerprint now = KNOWN.computeIfAbsent(config, c -> Fingerprint.of(c, tasks.apply(config.task())));
                String differences = result.fingerprint().differences(now);
                if (!differences.isEmpty()) {
                    throw otherwise(result, differences);
                }
            }
            RunResult same = first.putIfAbsent(config, result);
            String apart = same == null ? "" : same.fingerprint().differences(result.fingerprint());
            if (!apart.isEmpty()) {
                throw stale(
                        study,
                        results.file(),
                        "of one configuration " + name(same) + " and " + name(result) + " do not say the same: "
                                + apart);
            }
        }
    }

    private IllegalStateException otherwise(RunResult result, String differences) {
        return stale(
                study,
                results.file(),
                "this code behaves otherwise than the one that ran " + name(result) + ": " + differences);
    }

    private static String name(RunResult result) {
        return result.run().describe() + " (commit " + result.provenance().commit() + ")";
    }

    private static IllegalStateException stale(Study study, Path file, String what) {
        return new IllegalStateException(file + ": " + what + ". To refresh: " + study.command());
    }

    /** The study. */
    public Study study() {
        return study;
    }

    /** The results in the study's order. */
    public List<RunResult> all() {
        return List.copyOf(found);
    }

    /** The results of the tuning, in its order. */
    public List<RunResult> tuning() {
        return study.tuningRuns().stream().map(results::of).toList();
    }

    /**
     * What the tuning saw: a row a variant, a column a candidate, such as {@code rate 0.01, f 2.0} (f, the size of the start, where it varies).
     *
     * @param score its mean over the tuning's seeds is shown
     * @throws IllegalArgumentException if there is no such score
     */
    public Table tuned(String score) {
        List<RunResult> tuning = tuning();
        boolean starts =
                tuning.stream().map(r -> r.run().config().factor()).distinct().count() > 1;
        Map<String, Map<String, List<Double>>> seen = new LinkedHashMap<>();
        for (RunResult result : tuning) {
            RunConfig c = result.run().config();
            seen.computeIfAbsent("rate " + c.rate() + (starts ? ", f " + c.factor() : ""), k -> new HashMap<>())
                    .computeIfAbsent(result.run().variant(), v -> new ArrayList<>())
                    .add(result.score(score));
        }
        Table table = Table.create(StringColumn.create("variant", study.variants()));
        seen.forEach((candidate, scores) -> table.addColumns(DoubleColumn.create(
                candidate,
                study.variants().stream()
                        .mapToDouble(v -> scores.get(v).stream()
                                .mapToDouble(x -> x)
                                .average()
                                .orElseThrow())
                        .toArray())));
        return table;
    }

    /**
     * The results of a variant, by seed.
     *
     * @param axes such as {@code width=32}, one for each axis
     * @throws IllegalArgumentException if there is no such variant or point, listing those that there are
     */
    public List<RunResult> of(String variant, String... axes) {
        Map<String, String> point = new LinkedHashMap<>();
        for (String axis : axes) {
            point.put(axis.replaceFirst("=.*", ""), axis.replaceFirst("[^=]*=", ""));
        }
        List<RunResult> some = found.stream()
                .filter(r -> r.run().variant().equals(variant) && r.run().axes().equals(point))
                .toList();
        if (some.isEmpty()) {
            throw new IllegalArgumentException("no results of " + variant + " at " + point + ": expected one of "
                    + study.variants() + " at one of " + study.axes());
        }
        return some;
    }

    /**
     * A score by seed.
     *
     * @throws IllegalArgumentException as {@link #of}, if there is no such score, or if a run failed
     */
    public double[] scores(String score, String variant, String... axes) {
        return of(variant, axes).stream().mapToDouble(r -> r.score(score)).toArray();
    }

    /** What the seeds say of the difference of two variants, the first minus the second. */
    public PairedDifference difference(String score, String variant, String other, String... axes) {
        return PairedDifference.of(scores(score, variant, axes), scores(score, other, axes));
    }

    /** All scores of all runs: variant, axes, seed, chosen rate, then the scores; empty where a run has none of that name. */
    public Table table() {
        Table table = Table.create(study.name());
        table.addColumns(StringColumn.create(
                "variant", found.stream().map(r -> r.run().variant()).toArray(String[]::new)));
        for (String axis : study.axes().keySet()) {
            table.addColumns(StringColumn.create(
                    axis, found.stream().map(r -> r.run().axes().get(axis)).toArray(String[]::new)));
        }
        table.addColumns(
                LongColumn.create(
                        "seed",
                        found.stream().mapToLong(r -> r.run().config().seed()).toArray()),
                DoubleColumn.create(
                        "rate",
                        found.stream().mapToDouble(r -> r.run().config().rate()).toArray()));
        Set<String> names = new LinkedHashSet<>();
        found.forEach(r -> names.addAll(r.scores().keySet()));
        for (String name : names) {
            table.addColumns(DoubleColumn.create(
                    name, found.stream().map(r -> r.scores().get(name)).toArray(Double[]::new)));
        }
        return table;
    }

    /** Where the numbers come from, for the line under a figure. */
    public String source() {
        Set<String> commits = new TreeSet<>();
        Set<String> dates = new TreeSet<>();
        Set<String> machines = new TreeSet<>();
        for (RunResult r : found) {
            Provenance p = r.provenance();
            commits.add(p.commit());
            dates.add(p.date().substring(0, p.date().indexOf('T')));
            machines.add(p.device() + ", " + p.core() + ", JDK " + p.jdk());
        }
        return "From results/" + results.file().getFileName() + ": " + found.size() + " runs, "
                + study.seeds().size() + " seeds a point, on " + String.join(" and ", machines) + ", "
                + String.join(", ", dates) + ", commit " + String.join(", ", commits) + ". To make them: "
                + study.command();
    }
}
