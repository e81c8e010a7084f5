package org.deepdelta.command;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.deepdelta.experiment.study.Cost;
import org.deepdelta.experiment.study.Costs;
import org.deepdelta.experiment.study.Results;
import org.deepdelta.experiment.study.Run;
import org.deepdelta.experiment.study.RunExecutor;
import org.deepdelta.experiment.study.RunResult;
import org.deepdelta.experiment.study.Runner;
import org.deepdelta.experiment.study.StepTime;

/** {@code exec:java@study}: runs what a study lacks; Ctrl-C ends it with a checkpoint of every run under way. */
public final class Study {
    private static final long SILENCE_NANOS = 15_000_000_000L;
    private static final int STOPPED = 130;
    private static final long MIB = 1 << 20;
    private static final int ROUNDS = 15; // timed
    private static final int STEPS = 20; // of each variant in a round
    private static final String LOCAL = "local";

    private final org.deepdelta.experiment.study.Study study;
    private final org.deepdelta.experiment.study.Study some;
    private final Results results;
    private final boolean dry;
    private final boolean time;
    private final Path times;
    private final RunExecutor executor;
    private final Runner runner;
    private final int parallel;
    private long said = System.nanoTime();

    private Study(Options o) throws IOException {
        Path notebooks = Path.of(System.getProperty("ddl.home", "notebooks"));
        String name = o.text("study", null, "its name among notebooks/studies, or a file");
        String preset = o.choice("preset", "laptop", List.of("smoke", "laptop", "paper"), "how much is run");
        dry = o.flag("dry", "say what would be run and what it would take, after a few steps of each size");
        time = o.flag(
                "time", "time a training step of every variant, in turns, into notebooks/results/NAME-steps.jsonl");
        parallel =
                o.integer("parallel", Runtime.getRuntime().availableProcessors(), 1, "runs at a time, a thread each");
        long half = machine() / 2 / MIB;
        int memory = o.integer("memory", (int) Math.min(half, 1 << 20), 1, "MiB that runs may take together");
        String only = o.text("only", null, "these variants alone, by name, separated by commas");
        Path out = o.path("out", null, "file of the results (notebooks/results/NAME.jsonl)");
        Path work = o.path("work", "target/study", "folder for checkpoints of runs under way");
        String where = o.text("executor", LOCAL, "where it is run: local, or the URL of a Spark master (mvn -Pspark)");
        o.ready();
        if (name == null) {
            throw new Options.Wrong("-Dstudy=NAME: expected a study; -Dhelp lists the options");
        }
        try {
            Path file = name.contains("/") || name.endsWith(".conf")
                    ? Path.of(name)
                    : notebooks.resolve("studies").resolve(name + ".conf");
            study = org.deepdelta.experiment.study.Study.read(file, preset);
        } catch (IllegalArgumentException e) {
            throw new Options.Wrong(e.getMessage());
        }
        String suffix = preset.equals("laptop") ? "" : "-" + preset;
        results = Results.read(
                out != null ? out : notebooks.resolve("results").resolve(study.name() + suffix + ".jsonl"));
        times = results.file().resolveSibling(study.name() + suffix + "-steps.jsonl");
        executor = dry || time || where.equals(LOCAL) ? RunExecutor.local(parallel, memory * MIB) : at(where);
        runner = new Runner(study, results, work.resolve(study.name() + suffix), executor, new Lines());
        some = only == null ? study : only(only);
    }

    private static RunExecutor at(String where) {
        try {
            return RunExecutor.at(where);
        } catch (IllegalArgumentException e) {
            throw new Options.Wrong("-D" + e.getMessage());
        }
    }

    private org.deepdelta.experiment.study.Study only(String names) {
        try {
            runner.only(names.split(","));
            return study.only(names.split(","));
        } catch (IllegalArgumentException e) {
            throw new Options.Wrong("-Donly=" + names + ": expected variants of " + study.variants());
        }
    }

    /** Bytes of memory that this machine has. */
    private static long machine() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getTotalMemorySize();
    }

    /** Runs the command; see {@code -Dhelp}. */
    public static void main(String[] args) {
        Options.main("study", "Runs what a study lacks and keeps its results.", o -> new Study(o).run());
    }

    private int run() throws IOException {
        Terminal.print("%s: %s", study.name(), study.question());
        List<Run> tuning = some.tuningRuns();
        List<Run> runs = some.studyRuns(results);
        Terminal.print(
                "%d variants, axes %s, seeds %s; %d runs%s; results in %s",
                some.variants().size(),
                some.axes(),
                some.seeds(),
                some.grid().size(),
                tuning.isEmpty() ? "" : " after " + tuning.size() + " of the tuning",
                results.file());
        if (dry) {
            estimate(tuning, runs == null ? some.grid() : runs);
            return 0;
        }
        if (time) {
            time();
            return 0;
        }
        try (executor) {
            return CtrlC.during(runner::stop, this::runAll);
        }
    }

    private void time() throws IOException {
        List<StepTime> all = StepTime.measure(study, ROUNDS, STEPS, round -> {
            if (System.nanoTime() - said > SILENCE_NANOS) {
                said = System.nanoTime();
                Terminal.print("round %d of %d", round, ROUNDS);
            }
        });
        for (StepTime each : all) {
            Terminal.print("%-44s median %8.2f ms, fastest %8.2f ms", each.variant(), each.median(), each.best());
        }
        StepTime.write(all, times);
        Terminal.print("in %s, at a load of %.1f", times, all.get(0).load());
    }

    private int runAll() {
        List<String> errors = runner.run();
        if (runner.isStopped()) {
            Terminal.print("stopped; nothing is lost: the same command continues");
            return STOPPED;
        }
        errors.forEach(error -> Terminal.print("failed: %s", error));
        long failed = results.all().stream().filter(r -> r.failure() != null).count();
        Terminal.print(
                "%d results, %d of them of runs that failed; in %s",
                results.all().size(), failed, results.file());
        return errors.isEmpty() && failed == 0 ? 0 : 1;
    }

    private void estimate(List<Run> tuning, List<Run> runs) {
        List<Run> all = new ArrayList<>(tuning);
        all.addAll(runs);
        List<Run> missing = runner.missing(all);
        Costs costs = new Costs();
        Map<String, double[]> byVariant = new LinkedHashMap<>();
        double left = 0;
        for (Run run : all) {
            Cost cost = costs.of(run);
            double hours = cost.milliseconds() * run.config().steps() / 3.6e6;
            double[] sums = byVariant.computeIfAbsent(
                    (run.stage().equals(Run.TUNING) ? "tuning " : "") + run.variant() + " " + run.axes(),
                    k -> new double[4]);
            sums[0]++;
            sums[2] += hours;
            sums[3] = Math.max(sums[3], cost.bytes());
            if (missing.contains(run)) {
                sums[1]++;
                left += hours;
            }
        }
        byVariant.forEach((name, sums) -> Terminal.print(
                "%-44s %4.0f runs, %4.0f to do, %.3f core-hours, %.0f MiB each",
                name, sums[0], sums[1], sums[2], Math.ceil(sums[3] / MIB)));
        double total = byVariant.values().stream().mapToDouble(s -> s[2]).sum();
        Terminal.print(
                "in all %d runs and %.2f core-hours; to do: %d runs, %.2f core-hours, %.1f hours at %d at a time",
                all.size(), total, missing.size(), left, left / parallel, parallel);
        Terminal.print("an estimate from the fastest of a few steps of each size, scores not counted");
    }

    /** Says what happens, a line at a time. */
    private final class Lines implements Runner.Listener {
        @Override
        public void finished(RunResult result, int done, int total, double secondsLeft) {
            said = System.nanoTime();
            String came = result.failure() != null
                    ? "FAILED: " + result.failure()
                    : result.scores().entrySet().stream()
                            .limit(4)
                            .map(s -> String.format(Locale.ROOT, "%s %.3f", s.getKey(), s.getValue()))
                            .collect(Collectors.joining(", "));
            Terminal.print(
                    "%d of %d  %s: %s  (%.0f s; %s left)",
                    done,
                    total,
                    result.run().describe(),
                    came,
                    result.provenance().seconds(),
                    Terminal.time(secondsLeft));
        }

        @Override
        public void step(Run run, int step, int done, int total, double secondsLeft) {
            if (System.nanoTime() - said > SILENCE_NANOS) {
                said = System.nanoTime();
                Terminal.print(
                        "%d of %d  under way: %s, step %d of %d  (%s left)",
                        done, total, run.describe(), step, run.config().steps(), Terminal.time(secondsLeft));
            }
        }
    }
}
