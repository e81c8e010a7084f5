package org.deepdelta.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deepdelta.tensor.Rng;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can only be seen from outside a virtual machine: killing it, and running it without its compiler. */
final class ProcessTest {
    @TempDir
    Path folder;

    @Test
    void bitsDoNotDependOnTheCompilerNorOnThreads() throws Exception {
        String normal = finish(start(List.of(), "F32", "50", "1", "-", "0"));
        assertEquals(normal, finish(start(List.of("-Xint"), "F32", "50", "1", "-", "0")), "interpreted");
        assertEquals(normal, finish(start(List.of(), "F32", "50", "2", "-", "0")), "two threads");
    }

    @Test
    @Tag("full")
    void bitsDoNotDependOnTheCompilerAndThreadsTogether() throws Exception {
        String normal = finish(start(List.of(), "F32", "200", "1", "-", "0"));
        assertEquals(normal, finish(start(List.of("-Xint"), "F32", "200", "2", "-", "0")), "interpreted, two threads");
        assertEquals(
                normal,
                finish(start(List.of("-XX:TieredStopAtLevel=1"), "F32", "200", "2", "-", "0")),
                "the first compiler alone");
    }

    @Test
    @Tag("full")
    void aRunThatIsKilledAgainAndAgainEndsWithTheSameBits() throws Exception {
        String steps = "3000";
        for (String type : List.of("F32", "F64")) {
            Path runs = folder.resolve(type);
            String expected = finish(start(List.of(), type, steps, "1", "-", "0"));
            Rng rng = Rng.of(3, "kills " + type);
            int kills = 0;
            while (kills < 6) {
                Process process = start(List.of(), type, steps, "1", runs.toString(), "1");
                long before = steps(runs);
                while (process.isAlive() && steps(runs) <= before + 20) {
                    Thread.sleep(5);
                }
                Thread.sleep(rng.below(kills, 200));
                if (!process.isAlive()) {
                    break;
                }
                process.destroyForcibly().waitFor();
                kills++;
            }
            assertTrue(kills >= 3, type + " was killed " + kills + " times only");
            assertEquals(expected, finish(start(List.of(), type, steps, "1", runs.toString(), "0")), type);
            assertEquals(3001, Files.readAllLines(runs.resolve("log.csv")).size(), type + ": lines of the log");
        }
    }

    private static long steps(Path runs) throws IOException {
        Path log = runs.resolve("log.csv");
        return Files.exists(log) ? Files.size(log) / 100 : 0;
    }

    private static Process start(List<String> flags, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(a -> a.startsWith("--"))
                .forEach(command::add);
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), TinyRun.class.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static String finish(Process process) throws Exception {
        String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), "the run does not end");
        assertEquals(0, process.exitValue(), out);
        assertTrue(out.strip().matches("[0-9a-f]{64}"), out);
        return out;
    }
}
