package org.deepdelta.notebook;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.deepdelta.report.Preset;

/**
 * One notebook on the way through Jupyter.
 *
 * @param notebook what to run
 * @param plant the fault that is in it, if one was planted
 * @param folder where the executed notebook and Jupyter's own log go
 */
public record Execution(Notebook notebook, Optional<Plant> plant, Path folder) {

    private static final Duration BETWEEN_LINES = Duration.ofSeconds(15);

    /**
     * How it went.
     *
     * @param execution what was run
     * @param executed the notebook with its outputs, as far as it got; empty where Jupyter or the kernel itself failed
     * @param complaints what is wrong with it, none if all is well
     * @param seconds wall-clock time
     */
    public record Result(Execution execution, Optional<Notebook> executed, List<String> complaints, double seconds) {

        /** Whether all is well. */
        public boolean passed() {
            return complaints.isEmpty();
        }
    }

    /** The notebook's name, with the plant's number where there is one. */
    public String label() {
        return notebook.name() + plant.map(p -> " [plant " + p.number() + "]").orElse("");
    }

    private Path file(String ending) {
        return folder.resolve(
                notebook.name() + plant.map(p -> ".plant" + p.number()).orElse("") + ending);
    }

    /**
     * Runs them one after the other on one kernel, each to its end or to its first failing cell, with a line of progress every quarter of a
     * minute. Only the first finds a fresh kernel: the others, planted faults, redefine what it defined, and need a third of its time.
     */
    public static List<Result> run(List<Execution> sitting, Jupyter jupyter, Preset preset, Progress progress)
            throws IOException, InterruptedException {
        return run(sitting, jupyter, preset, progress, "stop");
    }

    /** Runs it to the end whatever fails, as nbgrader does. */
    public Result runOn(Jupyter jupyter, Preset preset, Progress progress) throws IOException, InterruptedException {
        return run(List.of(this), jupyter, preset, progress, "on").get(0);
    }

    private static List<Result> run(
            List<Execution> sitting, Jupyter jupyter, Preset preset, Progress progress, String failing)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                jupyter.executor().toString(),
                failing,
                jupyter.folder().toString(),
                String.valueOf(secondsPerCell(preset))));
        for (Execution execution : sitting) {
            Files.createDirectories(execution.folder);
            Files.deleteIfExists(execution.file(".ipynb"));
            Path input = execution.file(".input.ipynb");
            execution
                    .plant
                    .map(p -> p.into(execution.notebook))
                    .orElse(execution.notebook)
                    .write(input);
            command.addAll(List.of(input.toString(), execution.file(".ipynb").toString()));
        }
        Path log = sitting.get(0).file(".log");
        Process process =
                jupyter.python(preset, command).redirectError(log.toFile()).start();
        Thread killer = new Thread(process::destroy);
        Runtime.getRuntime().addShutdownHook(killer);
        Watch watch = new Watch(sitting, progress);
        try {
            watch.follow(process);
        } finally {
            process.destroy();
        }
        int code = process.waitFor();
        Runtime.getRuntime().removeShutdownHook(killer);

        List<Result> results = new ArrayList<>();
        for (int i = 0; i < sitting.size(); i++) {
            Execution execution = sitting.get(i);
            Files.deleteIfExists(execution.file(".input.ipynb"));
            results.add(execution.result(code, watch.last, log, watch.seconds[i]));
        }
        return results;
    }

    private Result result(int code, String last, Path log, double seconds) throws IOException {
        Path output = file(".ipynb");
        if (code != 0 || !Files.isRegularFile(output)) {
            String complaint = "Jupyter failed with exit code " + code + " in " + last + "; the end of its log, " + log
                    + ":\n" + tail(log);
            return new Result(this, Optional.empty(), List.of(complaint), seconds);
        }
        Notebook executed = Notebook.read(output);
        return new Result(this, Optional.of(executed), complaints(executed), seconds);
    }

    /** What Jupyter says on its way, and when. */
    private static final class Watch {
        private final List<Execution> sitting;
        private final Progress progress;
        private final double[] seconds;
        private long said = System.nanoTime();
        private String last = "no cell";

        Watch(List<Execution> sitting, Progress progress) {
            this.sitting = sitting;
            this.progress = progress;
            this.seconds = new double[sitting.size()];
        }

        void follow(Process process) throws IOException, InterruptedException {
            int at = 0;
            long since = System.nanoTime();
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                boolean running = true;
                while (running || lines.ready()) {
                    running = !process.waitFor(lines.ready() ? 0 : 100, TimeUnit.MILLISECONDS);
                    String line = lines.ready() ? lines.readLine() : "";
                    if (line.startsWith("notebook ") && !line.equals("notebook 0")) {
                        since = System.nanoTime();
                        at++;
                    } else if (line.matches("cell [0-9]+ [0-9]+")) {
                        last = line.replaceFirst(" ([0-9]+)$", " of $1");
                    }
                    seconds[at] = (System.nanoTime() - since) * 1e-9;
                    if (System.nanoTime() - said > BETWEEN_LINES.toNanos()) {
                        said = System.nanoTime();
                        progress.line(sitting.get(at).label() + ": " + last);
                    }
                }
            }
        }
    }

    /** How long a cell may run before it counts as hanging: far more than a whole notebook of that preset may take. */
    private static int secondsPerCell(Preset preset) {
        return preset.pick(180, 900, 86_400);
    }

    private List<String> complaints(Notebook executed) {
        if (plant.isPresent()) {
            return plant.get().complaints(executed);
        }
        List<String> complaints = new ArrayList<>();
        for (Notebook.Fault fault : executed.faults()) {
            complaints.add(String.format(
                    Locale.ROOT,
                    "%s.ipynb, cell %d of %d: %s",
                    notebook.name(),
                    fault.cell(),
                    executed.cells().size(),
                    fault.message()));
        }
        return complaints;
    }

    private static String tail(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    }
}
