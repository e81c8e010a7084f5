package org.deepdelta.experiment.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A study: variants of one setting, over further axes and seeds, and how each variant's learning rate, and what else is tuned, is chosen. Its file, in HOCON:
 *
 * <pre>
 *   question = "Does erasing matter?"
 *   base {                                  # any of RunConfig's settings but the seed
 *     task = "flip:symbols=16,cycle=2", layers = 1, heads = 2, width = 32, factor = 0.5
 *     rows = 32, shards = 1, steps = 1200, rate = 0.01, decay = 0.1, clip = 1
 *   }
 *   variants {                              # what each changes
 *     addition { rule = additive }
 *     DDL { rule = ddl_scalar }
 *   }
 *   axes { width = [16, 32] }               # every variant at every value; may be left out
 *   seeds = [1, 2, 3, 4, 5]
 *   tuning {                                # may be left out: then the rate is base's
 *     candidates { rate = [0.005, 0.01, 0.02], factor = [0.5, 2] }      # of rate, factor, decay; the same for all variants
 *     seeds = [101, 102]                    # none of the study's
 *     score = "accuracy.unseen.R=3"         # the best mean wins; of equals, the first
 *     best = highest                        # or lowest
 *     at { width = 32 }                     # the axes' values at which it is done; those left out are tuned one by one
 *   }
 *   presets { smoke { seeds = [1, 2], base { steps = 20 } } }    # what a preset changes
 * </pre>
 *
 * @param file where it was read
 * @param preset smoke, laptop or paper
 * @param question what it asks, in a sentence
 * @param grid the runs of the study, in order, as they are before the tuning
 * @param tuning how rates are chosen; null if nothing is tuned
 */
public record Study(Path file, String preset, String question, List<Run> grid, Tuning tuning) {

    /**
     * How rates are chosen.
     *
     * @param runs to be made for it
     * @param score by which it is decided
     * @param highest whether the highest mean wins, or the lowest
     * @param at the axes' values at which it is done; other axes are tuned value by value
     */
    public record Tuning(List<Run> runs, String score, boolean highest, Map<String, String> at) {}

    /** Keeps a copy of the list. */
    public Study {
        grid = List.copyOf(grid);
    }

    /**
     * Reads a study.
     *
     * @param preset whose changes are made, if the file has any for it
     * @throws IllegalArgumentException naming file, line, key, and what was expected
     */
    public static Study read(Path file, String preset) {
        return new StudyFile(file, preset).read();
    }

    /**
     * The same study without its other variants, so that what is not looked at need not be checked.
     *
     * @throws IllegalArgumentException if it has no variant of one of these names, listing those that there are
     */
    public Study only(String... names) {
        List<String> kept = List.of(names);
        if (kept.isEmpty() || !variants().containsAll(kept)) {
            throw new IllegalArgumentException("variants: expected some of " + variants() + ", got " + kept);
        }
        List<Run> runs =
                grid.stream().filter(run -> kept.contains(run.variant())).toList();
        Tuning its = tuning == null
                ? null
                : new Tuning(
                        tuning.runs().stream()
                                .filter(run -> kept.contains(run.variant()))
                                .toList(),
                        tuning.score(),
                        tuning.highest(),
                        tuning.at());
        return new Study(file, preset, question, runs, its);
    }

    /** The study's name: that of its file. */
    public String name() {
        return file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    }

    /** The command that runs it. */
    public String command() {
        return "mvn -q -pl lib compile exec:java@study -Dstudy=" + name()
                + (preset.equals("laptop") ? "" : " -Dpreset=" + preset);
    }

    /** Names of the variants, in order. */
    public List<String> variants() {
        return grid.stream().map(Run::variant).distinct().toList();
    }

    /** Names of the axes and their values, in order. */
    public Map<String, List<String>> axes() {
        Map<String, List<String>> axes = new LinkedHashMap<>();
        for (Run run : grid) {
            run.axes().forEach((name, value) -> {
                List<String> values = axes.computeIfAbsent(name, n -> new ArrayList<>());
                if (!values.contains(value)) {
                    values.add(value);
                }
            });
        }
        return axes;
    }

    /** The seeds, in order. */
    public List<Long> seeds() {
        return grid.stream().map(run -> run.config().seed()).distinct().toList();
    }

    /** The runs of the tuning; none if there is nothing to choose. */
    public List<Run> tuningRuns() {
        return tuning == null ? List.of() : tuning.runs();
    }

    /**
     * The runs that are reported, as the tuning chose.
     *
     * @param results that hold the whole tuning
     * @return null if the tuning is not complete
     */
    public List<Run> studyRuns(Results results) {
        if (tuning == null) {
            return grid;
        }
        if (tuning.runs().stream().anyMatch(run -> results.of(run) == null)) {
            return null;
        }
        Map<String, RunConfig> chosen = new LinkedHashMap<>();
        return grid.stream()
                .map(run -> {
                    RunConfig best = chosen.computeIfAbsent(group(run), g -> chosen(g, results));
                    return new Run(
                            run.stage(), run.variant(), run.axes(), run.config().tunedAs(best));
                })
                .toList();
    }

    /** What is tuned together: the variant, and the values of the axes that are tuned one by one. */
    private String group(Run run) {
        return run.variant()
                + run.axes().entrySet().stream()
                        .filter(axis -> !tuning.at().containsKey(axis.getKey()))
                        .toList();
    }

    private RunConfig chosen(String group, Results results) {
        Map<RunConfig, Double> means = tuning.runs().stream()
                .filter(run -> group(run).equals(group))
                .collect(Collectors.groupingBy(
                        run -> run.config().withSeed(0),
                        LinkedHashMap::new,
                        Collectors.averagingDouble(run -> worth(results.of(run)))));
        RunConfig best = null;
        for (Map.Entry<RunConfig, Double> entry : means.entrySet()) {
            best = best == null || entry.getValue() > means.get(best) ? entry.getKey() : best;
        }
        return best;
    }

    private double worth(RunResult result) {
        if (result.failure() != null) {
            return Double.NEGATIVE_INFINITY;
        }
        double score = result.score(tuning.score());
        return Double.isNaN(score) ? Double.NEGATIVE_INFINITY : tuning.highest() ? score : -score;
    }

    /** Every task of the study, once. */
    static Function<String, Task> tasks() {
        Map<String, Task> made = new ConcurrentHashMap<>();
        return line -> made.computeIfAbsent(line, Task::of);
    }
}
