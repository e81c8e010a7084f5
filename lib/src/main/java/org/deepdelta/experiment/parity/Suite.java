package org.deepdelta.experiment.parity;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deepdelta.model.AuthorsConfig.NotSupported;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Safetensors;

/**
 * All cases below a folder.
 *
 * @param passed within every tolerance, on kernels throughout
 * @param failed past a tolerance, fell back, or could not be read
 * @param notSupported asks for an operation or option that this library does not have
 */
public record Suite(int passed, int failed, int notSupported) {

    private enum Outcome {
        PASSED,
        FAILED,
        NOT_SUPPORTED
    }

    @FunctionalInterface
    private interface Case {
        void check(Run run) throws IOException;
    }

    /**
     * Runs every case of {@code ops/}, {@code models/} and {@code train/} below a folder, a line each: in double and in single precision on
     * the references, and in single precision on the CPU's kernels.
     *
     * @throws IOException if there is no case at all
     */
    public static Suite run(Path folder, PrintStream out) throws IOException {
        Device cpu = Device.cpu();
        return run(
                folder, out, List.of(Run::doubleOnReferences, Run::singleOnReferences, () -> Run.singleOnKernels(cpu)));
    }

    /**
     * The same in single precision on a device's kernels alone, without the references: for machines where ND4J has no backend.
     *
     * @throws IOException if there is no case at all
     */
    public static Suite run(Path folder, Device device, PrintStream out) throws IOException {
        return run(folder, out, List.of(() -> Run.singleOnKernels(device)));
    }

    private static Suite run(Path folder, PrintStream out, List<Supplier<Run>> runs) throws IOException {
        Cases cases = new Cases(out, runs);
        List<Outcome> outcomes = new ArrayList<>();
        for (Path file : list(folder.resolve("ops"))) {
            String name = file.getFileName().toString();
            if (name.endsWith(".safetensors")) {
                String stem = name.substring(0, name.length() - ".safetensors".length());
                outcomes.add(cases.check("ops/" + stem, run -> OpCases.check(stem, Safetensors.open(file), run)));
            }
        }
        for (Path model : list(folder.resolve("models"))) {
            outcomes.add(cases.check("models/" + model.getFileName(), run -> ModelCases.model(model, run)));
        }
        for (Path run : list(folder.resolve("train"))) {
            outcomes.add(cases.check("train/" + run.getFileName(), r -> ModelCases.train(run, r)));
        }
        if (outcomes.isEmpty()) {
            throw new IOException(folder
                    + ": no case found: expected ops/*.safetensors, models/NAME/config.json or train/NAME/config.json");
        }
        Suite suite = new Suite(
                count(outcomes, Outcome.PASSED),
                count(outcomes, Outcome.FAILED),
                count(outcomes, Outcome.NOT_SUPPORTED));
        out.println(suite.passed + " passed, " + suite.failed + " failed, " + suite.notSupported + " not supported");
        return suite;
    }

    /** Where cases are reported, and the runs of each. */
    private record Cases(PrintStream out, List<Supplier<Run>> runs) {
        Outcome check(String name, Case body) {
            List<String> results = new ArrayList<>();
            List<String> failures = new ArrayList<>();
            for (Supplier<Run> each : runs) {
                Run run = each.get();
                try {
                    body.check(run);
                    results.add(run.toString());
                    run.comparison().failures().forEach(f -> failures.add(run.label() + ": " + f));
                } catch (NotSupported e) {
                    out.println("not supported  " + name + ": " + e.getMessage());
                    return Outcome.NOT_SUPPORTED;
                } catch (IOException | RuntimeException e) {
                    failures.add(e.getMessage() == null ? e.toString() : e.getMessage());
                    break;
                } finally {
                    run.close();
                }
            }
            out.println((failures.isEmpty() ? "passed         " : "FAILED         ") + name + "  "
                    + String.join(" | ", results));
            failures.forEach(f -> out.println("               " + f));
            return failures.isEmpty() ? Outcome.PASSED : Outcome.FAILED;
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static int count(List<Outcome> outcomes, Outcome outcome) {
        return (int) outcomes.stream().filter(o -> o == outcome).count();
    }
}
