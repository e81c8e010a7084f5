package org.deepdelta.experiment.study;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.deepdelta.tensor.Blas;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Lanes;

/**
 * Where a result comes from. Equal configurations give the same bits where {@code jdk}, {@code core} and {@code lanes} agree.
 *
 * @param commit of the checkout, with {@code -dirty} where tracked files were changed; {@code unknown} outside one
 * @param device in words
 * @param core what OpenBLAS chose its kernels for
 * @param lanes floats of a vector
 * @param threads of the run
 * @param jdk version and vendor
 * @param date when it ended, UTC
 * @param seconds that training took, on a machine that may have had other work
 */
public record Provenance(
        String commit, String device, String core, int lanes, int threads, String jdk, String date, double seconds)
        implements Serializable {

    /** As it is now. */
    static Provenance now(String commit, Device device, double seconds) {
        return new Provenance(
                commit,
                device.describe(),
                Blas.core(),
                Lanes.WIDTH,
                1,
                Runtime.version().feature() + " (" + System.getProperty("java.vm.vendor") + ")",
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                Math.round(seconds * 10) / 10.0);
    }

    /** The commit of the folder that this process runs in; results beside it, which a study writes, do not make it dirty. */
    static String checkout() {
        String commit = git("describe", "--always", "--abbrev=12", "--exclude=*");
        if (commit == null || commit.isEmpty()) {
            return "unknown";
        }
        String changed = git("status", "--porcelain", "-uno", "--", ":(top)", ":(top,exclude)notebooks/results");
        return "".equals(changed) ? commit : commit + "-dirty";
    }

    /** What git says; null if it fails. */
    private static String git(String... words) {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(words));
        try {
            Process git = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor() == 0 ? said : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
