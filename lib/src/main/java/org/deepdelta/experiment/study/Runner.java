package org.deepdelta.experiment.study;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.deepdelta.train.RunLog;

/**
 * Runs what a study lacks, several runs at once, here or elsewhere. A run that is finished is in the results at once; one that is
 * stopped or killed continues from its last checkpoint, with the same bits. Results whose fingerprint is no longer that of the code are run
 * anew.
 */
public final class Runner {

    /** Told what happens; called by one thread at a time. */
    public interface Listener {

        /** A run has ended and its result is kept. */
        default void finished(RunResult result, int done, int total, double secondsLeft) {}

        /** Some steps were taken; called often. */
        default void step(Run run, int step, int done, int total, double secondsLeft) {}
    }

    private final Study study;
    private final Results results;
    private final Path work;
    private final RunExecutor executor;
    private final Listener listener;
    private final String commit = Provenance.checkout();
    private final Function<String, Task> tasks = Study.tasks();
    private final Map<RunConfig, Fingerprint> fingerprints = new ConcurrentHashMap<>();
    private final List<String> errors = new ArrayList<>();
    private Study some;
    private volatile boolean stopping;

    /**
     * Runs into a file of results.
     *
     * @param work folder for the checkpoints of runs under way
     * @param executor that computes them; it is not closed here
     */
    public Runner(Study study, Results results, Path work, RunExecutor executor, Listener listener) {
        this.study = study;
        this.some = study;
        this.results = results;
        this.work = work.toAbsolutePath();
        this.executor = executor;
        this.listener = listener;
    }

    /**
     * Makes the runs of some variants only, as their own tuning chooses; the results of others stay.
     *
     * @throws IllegalArgumentException as {@link Study#only}
     */
    public Runner only(String... variants) {
        some = study.only(variants);
        return this;
    }

    /** Asks runs under way to stop at the end of their step, each with a checkpoint; from any thread. */
    public void stop() {
        stopping = true;
        executor.stop();
    }

    /** The task that a line describes, made once. */
    public Task task(Run run) {
        return tasks.apply(run.config().task());
    }

    /** The runs of a list that have no result, or one of a code that behaved otherwise. */
    public List<Run> missing(List<Run> runs) {
        return runs.stream().filter(run -> !isDone(run)).toList();
    }

    private boolean isDone(Run run) {
        RunResult result = results.of(run);
        return result != null && result.fingerprint().equals(fingerprint(run));
    }

    private Fingerprint fingerprint(Run run) {
        return fingerprints.computeIfAbsent(run.config().withSeed(0), c -> Fingerprint.of(c, task(run)));
    }

    /**
     * Runs the tuning, then the study.
     *
     * @return what went wrong, run by run; empty if all have a result, or if it was stopped
     * @throws UncheckedIOException if a result cannot be written
     */
    public List<String> run() {
        stage(some.tuningRuns(), study.tuningRuns());
        List<Run> runs = stopping ? null : some.studyRuns(results);
        if (runs != null) {
            List<Run> whole = study.studyRuns(results);
            List<Run> order = Stream.concat(study.tuningRuns().stream(), (whole == null ? runs : whole).stream())
                    .toList();
            stage(runs, order);
            if (!stopping && some.equals(study) && missing(order).isEmpty()) {
                keep(order);
            }
        }
        return List.copyOf(errors);
    }

    /** Whether {@link #stop} was called. */
    public boolean isStopped() {
        return stopping;
    }

    private void keep(List<Run> all) {
        try {
            results.keep(all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void stage(List<Run> runs, List<Run> order) {
        List<Run> missing = missing(runs);
        Progress progress = new Progress(missing);
        ExecutorService pool = Executors.newFixedThreadPool(executor.capacity(), work -> {
            Thread thread = new Thread(work, "ddl-study");
            thread.setDaemon(true);
            return thread;
        });
        missing.forEach(run -> pool.execute(() -> one(run, order, progress)));
        pool.shutdown();
        boolean interrupted = false;
        while (!pool.isTerminated()) {
            try {
                pool.awaitTermination(1, TimeUnit.DAYS);
            } catch (InterruptedException e) {
                interrupted = true;
                stop();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void one(Run run, List<Run> order, Progress progress) {
        if (stopping) {
            return;
        }
        try {
            String code = Hash.of(fingerprint(run).toString());
            Path folder = work.resolve(run.config().hash() + "-" + code); // no run goes on under another code
            RunResult result = executor.execute(
                    new RunExecutor.Assignment(run, fingerprint(run), commit, folder.toString()),
                    row -> progress.step(run, row));
            if (result != null) {
                progress.finished(result, order);
                delete(folder);
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) { // the last one: JavaCPP's limits
            synchronized (errors) {
                errors.add(run.describe() + ": " + (e.getMessage() == null ? e.toString() : e.getMessage()));
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return; // it was run where other folders are
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Counts runs and steps of a stage. */
    private final class Progress {
        private final int total;
        private final Set<Run> left;
        private final Map<Run, Integer> taken = new ConcurrentHashMap<>();
        private final Map<RunConfig, Double> perStep = new ConcurrentHashMap<>();

        Progress(List<Run> runs) {
            total = runs.size();
            left = new LinkedHashSet<>(runs);
        }

        synchronized void step(Run run, RunLog.Row row) {
            taken.put(run, row.step());
            perStep.merge(Cost.size(run.config()), row.ms(), (old, now) -> 0.95 * old + 0.05 * now);
            listener.step(run, row.step(), total - left.size(), total, secondsLeft());
        }

        synchronized void finished(RunResult result, List<Run> order) throws IOException {
            results.add(result, order);
            left.remove(result.run());
            RunConfig config = result.run().config();
            perStep.putIfAbsent(Cost.size(config), 1000 * result.provenance().seconds() / config.steps());
            listener.finished(result, total - left.size(), total, secondsLeft());
        }

        /** From the steps of like runs; of sizes not yet met, from the mean of the others. */
        private double secondsLeft() {
            double usual =
                    perStep.values().stream().mapToDouble(x -> x).average().orElse(Double.NaN);
            double ms = 0;
            for (Run run : left) {
                int steps = run.config().steps() - taken.getOrDefault(run, 0);
                ms += steps * perStep.getOrDefault(Cost.size(run.config()), usual);
            }
            return ms / 1000 / Math.max(1, Math.min(executor.parallel(), left.size()));
        }
    }
}
