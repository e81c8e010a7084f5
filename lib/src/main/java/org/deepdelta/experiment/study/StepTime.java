package org.deepdelta.experiment.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.deepdelta.tensor.Device;

/**
 * The time of a variant's training step: forward, backward, clipping, AdamW, and making the batch. All variants of a study are measured in turns
 * in one process: a round takes some steps of each, so that what else the machine does falls on all of them. The times of runs, made one
 * after another, compare that other work instead.
 *
 * @param variant its name in the study's file
 * @param size what was timed; seed, rate, decay and number of steps are the same for all
 * @param median milliseconds of a step, over rounds of their mean within a round
 * @param best the same of the fastest round
 * @param rounds that were timed, after three that warm the process up
 * @param steps a round
 * @param load mean number of running or waiting threads of the machine over the minute before the end; negative where it is not known
 * @param provenance where it was measured, and the seconds that all variants took
 */
public record StepTime(
        String variant,
        RunConfig size,
        double median,
        double best,
        int rounds,
        int steps,
        double load,
        Provenance provenance) {
    private static final int WARM = 3;

    /**
     * Measures all variants.
     *
     * @param rounds to be timed, at least 1
     * @param steps of each variant in a round, at least 1
     * @param listener told how many rounds are done
     */
    public static List<StepTime> measure(Study study, int rounds, int steps, IntConsumer listener) {
        Function<String, Task> tasks = Study.tasks();
        Map<String, RunConfig> sizes = sizes(study);
        Map<String, StepRun> runs = new LinkedHashMap<>();
        Map<String, double[]> means = new LinkedHashMap<>();
        long start = System.nanoTime();
        try {
            sizes.forEach((variant, size) -> runs.put(variant, new StepRun(size, tasks.apply(size.task()))));
            for (int round = -WARM; round < rounds; round++) {
                int slot = round;
                runs.forEach((variant, run) -> {
                    double mean = mean(run, steps);
                    if (slot >= 0) {
                        means.computeIfAbsent(variant, v -> new double[rounds])[slot] = mean;
                    }
                });
                listener.accept(Math.max(0, round + 1));
            }
        } finally {
            runs.values().forEach(StepRun::close);
        }
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        Provenance provenance = Provenance.now(Provenance.checkout(), Device.cpu(), (System.nanoTime() - start) / 1e9);
        List<StepTime> times = new ArrayList<>();
        means.forEach((variant, ms) -> {
            Arrays.sort(ms);
            times.add(
                    new StepTime(variant, sizes.get(variant), ms[rounds / 2], ms[0], rounds, steps, load, provenance));
        });
        return times;
    }

    private static double mean(StepRun run, int steps) {
        double sum = 0;
        for (int i = 0; i < steps; i++) {
            sum += run.milliseconds();
        }
        return sum / steps;
    }

    /** What is timed of each variant. */
    private static Map<String, RunConfig> sizes(Study study) {
        Map<String, RunConfig> sizes = new LinkedHashMap<>();
        study.grid().forEach(run -> {
            RunConfig size = Cost.size(run.config());
            RunConfig other = sizes.putIfAbsent(run.variant(), size);
            if (other != null && !other.equals(size)) {
                throw new IllegalArgumentException(study.name() + ": variant " + run.variant()
                        + ": expected one size, so that its step has one time, got " + other + " and " + size);
            }
        });
        return sizes;
    }

    /** Writes them, one line of JSON a variant; the file is replaced as a whole. */
    public static void write(List<StepTime> times, Path file) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (StepTime time : times) {
            lines.append(Results.JSON.writeValueAsString(time)).append('\n');
        }
        Results.replace(file, lines);
    }

    /**
     * The times of a study's variants, by name in its order.
     *
     * @throws IOException naming file and line, if one is not what {@link #write} writes
     * @throws IllegalStateException if there is no such file, or a variant was not timed at the size that the study declares, with the command
     *     that times it
     */
    public static Map<String, StepTime> read(Study study, Path file) throws IOException {
        List<String> lines = lines(file);
        Map<String, StepTime> found = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            StepTime time = parse(file + ", line " + (i + 1), lines.get(i));
            found.put(time.variant(), time);
        }
        Map<String, StepTime> times = new LinkedHashMap<>();
        sizes(study).forEach((variant, size) -> {
            StepTime time = found.get(variant);
            if (time == null || !size.equals(time.size())) {
                throw new IllegalStateException(file + ": " + variant + ": expected the time of a step of " + size
                        + ", got " + (time == null ? "none" : "that of " + time.size()) + ". To refresh: "
                        + study.command() + " -Dtime");
            }
            times.put(variant, time);
        });
        return times;
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": expected text in UTF-8, one time a line", e);
        }
    }

    private static StepTime parse(String where, String line) throws IOException {
        try {
            StepTime time = Results.JSON.readValue(line, StepTime.class);
            if (time != null) {
                return time;
            }
        } catch (JsonProcessingException | RuntimeException e) {
            throw new IOException(where + ": expected the time of a step, got " + line, e);
        }
        throw new IOException(where + ": expected the time of a step, got " + line);
    }
}
