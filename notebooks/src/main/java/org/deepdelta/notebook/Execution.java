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

    private String fileName() {
        return notebook.name() + plant.map(p -> ".plant" + p.number()).orElse("");
    }

    /** Runs it to the end or to its first failing cell, with a line of progress every quarter of a minute. */
    public Result run(Jupyter jupyter, Preset preset, Progress progress) throws IOException, InterruptedException {
        return run(jupyter, preset, progress, List.of());
    }

    /** Runs it to the end whatever fails, as nbgrader does. */
    public Result runOn(Jupyter jupyter, Preset preset, Progress progress) throws IOException, InterruptedException {
        return run(jupyter, preset, progress, List.of("on"));
    }

    private Result run(Jupyter jupyter, Preset preset, Progress progress, List<String> more)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        Files.createDirectories(folder);
        Path input = folder.resolve(fileName() + ".input.ipynb");
        Path output = folder.resolve(fileName() + ".ipynb");
        Path log = folder.resolve(fileName() + ".log");
        Files.deleteIfExists(output);
        plant.map(p -> p.into(notebook)).orElse(notebook).write(input);

        List<String> command = new ArrayList<>(List.of(
                jupyter.executor().toString(),
                input.toString(),
                output.toString(),
                jupyter.folder().toString(),
                String.valueOf(secondsPerCell(preset))));
        command.addAll(more);
        Process process =
                jupyter.python(preset, command).redirectError(log.toFile()).start();
        Thread killer = new Thread(process::destroy);
        Runtime.getRuntime().addShutdownHook(killer);
        String last = "no cell";
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            long said = System.nanoTime();
            boolean running = true;
            while (running || lines.ready()) {
                running = !process.waitFor(lines.ready() ? 0 : 100, TimeUnit.MILLISECONDS);
                String line = lines.ready() ? lines.readLine() : "";
                if (line.matches("cell [0-9]+ [0-9]+")) {
                    last = line.replaceFirst(" ([0-9]+)$", " of $1");
                }
                if (System.nanoTime() - said > BETWEEN_LINES.toNanos()) {
                    said = System.nanoTime();
                    progress.line(label() + ": " + last);
                }
            }
        } finally {
            process.destroy();
        }
        int code = process.waitFor();
        Runtime.getRuntime().removeShutdownHook(killer);
        Files.deleteIfExists(input);
        double seconds = (System.nanoTime() - start) * 1e-9;

        if (code != 0 || !Files.isRegularFile(output)) {
            return new Result(
                    this,
                    Optional.empty(),
                    List.of("Jupyter failed with exit code " + code + " in " + last + "; the end of its log, " + log
                            + ":\n" + tail(log)),
                    seconds);
        }
        Notebook executed = Notebook.read(output);
        return new Result(this, Optional.of(executed), complaints(executed), seconds);
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
