package org.deepdelta.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deepdelta.model.Rules;
import org.deepdelta.tensor.Rng;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can only be seen from outside a virtual machine: killing it, and running it without its compiler. */
final class ProcessTest {
    @TempDir
    Path folder;

    @Test
    void bitsDependNeitherOnTheCompilerNorOnThreads() throws Exception {
        String[] rules = {"ddl_scalar", "ddl_cc_ec", "ddl_tc_ec"};
        Process interpreted = start(List.of("-Xint"), "F32", "50", "2", "-", rules);
        String compiled = finish(start(List.of(), "F32", "50", "1", "-", rules));
        assertEquals(rules.length, compiled.lines().count(), compiled);
        assertEquals(compiled, finish(interpreted), "interpreted, two threads");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ddl_scalar", "ddl_cc_ec", "ddl_tc_ec"})
    @Tag("full")
    void bitsDoNotDependOnWhichCompiler(String rule) throws Exception {
        String normal = finish(start(List.of(), "F32", "2000", "1", "-", rule));
        for (String flag : List.of("-XX:TieredStopAtLevel=1", "-XX:-TieredCompilation")) {
            assertEquals(normal, finish(start(List.of(flag), "F32", "2000", "2", "-", rule)), flag + ", two threads");
        }
    }

    @Test
    @Tag("full")
    void aRunThatIsKilledAgainAndAgainEndsWithTheSameBits() throws Exception {
        killed("ddl_scalar", "F32", 2000, 6);
        killed("ddl_scalar", "F64", 100, 6);
    }

    static String[] rules() {
        return Rules.ALL;
    }

    @ParameterizedTest
    @MethodSource("rules")
    @Tag("full")
    void everyRulesRunEndsWithTheSameBitsWhenItIsKilled(String rule) throws Exception {
        killed(rule, "F32", 400, 2);
        killed(rule, "F64", 40, 1);
    }

    private void killed(String rule, String type, int steps, int times) throws Exception {
        Path runs = folder.resolve(type);
        String all = Integer.toString(steps);
        String expected = finish(start(List.of(), type, all, "1", "-", rule));
        Rng rng = Rng.of(3, "kills " + rule + " " + type);
        for (int i = 0; i < times; i++) {
            Process process = start(List.of(), type, all, "1", runs.toString(), rule);
            int until = steps * (i + 1) / (times + 2);
            while (process.isAlive() && steps(runs) < until) {
                Thread.sleep(2);
            }
            Thread.sleep(rng.below(i, 50));
            assertTrue(process.isAlive(), type + ": it ended before kill " + i + " at step " + until);
            process.destroyForcibly().waitFor();
        }
        assertEquals(expected, finish(start(List.of(), type, all, "1", runs.toString(), rule)), type);
        assertEquals(steps, steps(runs), type + ": lines of the log");
    }

    private static int steps(Path runs) throws IOException {
        Path log = runs.resolve("log.csv");
        return Files.exists(log) ? Math.max(0, Files.readAllLines(log).size() - 1) : 0;
    }

    /** With the flags of this virtual machine, but those that keep its second compiler from what is not very hot. */
    private static Process start(
            List<String> flags, String type, String steps, String threads, String folder, String... rules)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(a -> a.startsWith("--") || a.startsWith("-XX:") && !a.startsWith("-XX:Tier"))
                .forEach(command::add);
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), TinyRun.class.getName()));
        command.addAll(List.of(type, steps, threads, folder));
        command.addAll(List.of(rules));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static String finish(Process process) throws Exception {
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), "the run does not end");
        assertEquals(0, process.exitValue(), out);
        assertTrue(out.lines().allMatch(line -> line.matches("\\S+ [0-9a-f]{64}")), out);
        return out;
    }
}
