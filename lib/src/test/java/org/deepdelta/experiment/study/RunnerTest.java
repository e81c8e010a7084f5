package org.deepdelta.experiment.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small study from its file to its results. */
final class RunnerTest {
    private static final long ENOUGH = 1L << 30;

    @TempDir
    Path folder;

    private Study study;
    private Path file;

    @BeforeEach
    void read() throws IOException {
        study = Studies.read(folder, Studies.GRID);
        file = folder.resolve("results").resolve("echoes.jsonl");
    }

    @Test
    void bitsDependNeitherOnHowManyRunAtOnceNorOnInterruptionsNorOnWhatIsThereAlready() throws IOException {
        assertEquals(List.of(), runner(study, file, 1).run());
        Results whole = Results.read(file);
        assertEquals(study.grid(), whole.all().stream().map(RunResult::run).toList());

        Path other = folder.resolve("two.jsonl");
        assertEquals(List.of(), runner(study, other, 2).run());
        assertSame(whole, Results.read(other));

        Path stopped = folder.resolve("stopped.jsonl");
        int stops = interruptedUntilDone(stopped);
        assertTrue(stops >= 3, stops + " interruptions");
        assertSame(whole, Results.read(stopped));

        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        String deleted = lines.remove(2);
        Files.write(file, lines);
        Counting counting = new Counting(step -> {});
        new Runner(study, Results.read(file), folder.resolve("work"), 1, ENOUGH, counting).run();
        assertEquals(1, counting.finished);
        assertSame(whole, Results.read(file));
        assertEquals(2, Results.read(file).all().stream().map(RunResult::run).toList().indexOf(study.grid().get(2)));
        assertTrue(deleted.length() < 2000, deleted.length() + " characters a line");
        try (Stream<Path> left = Files.list(folder.resolve("work"))) {
            assertEquals(0, left.count(), "folders of checkpoints");
        }
    }

    /** Stops every runner after its twentieth step. */
    private int interruptedUntilDone(Path results) throws IOException {
        for (int stops = 0; ; stops++) {
            Runner[] runner = new Runner[1];
            Counting counting = new Counting(step -> {
                if (step == 20) {
                    runner[0].stop();
                }
            });
            runner[0] = new Runner(study, Results.read(results), folder.resolve("work"), 1, ENOUGH, counting);
            assertEquals(List.of(), runner[0].run());
            if (!runner[0].isStopped()) {
                return stops;
            }
        }
    }

    @Test
    void aRunThatFailsIsSaidAndOthersGoOn() throws IOException {
        String text = Studies.GRID.replace(
                "DDL { rule = ddl_scalar }",
                """
                nan { rule = additive, task = "echo:trouble=nan" }
                exception { rule = additive, task = "echo:trouble=exception" }
                memory { rule = additive, task = "echo:trouble=memory" }
                """);
        Study troubled = Studies.read(folder, text.replace("[1, 2]", "1"));
        List<String> errors = runner(troubled, file, 1).run();
        assertEquals(2, errors.size(), errors.toString());
        assertEquals("exception, seed 1: no score today", errors.get(0));
        assertEquals("memory, seed 1: as JavaCPP says it", errors.get(1));
        Results results = Results.read(file);
        assertEquals(2, results.all().size());
        assertTrue(results.of(troubled.grid().get(0)).score("loss") > 0);
        RunResult failed = results.of(troubled.grid().get(1));
        assertTrue(failed.failure().startsWith("step 8 at rate "), failed.failure());
        String said = assertThrows(IllegalArgumentException.class, () -> failed.score("loss"))
                .getMessage();
        assertTrue(said.contains("nan, seed 1") && said.contains("step 8"), said);
    }

    @Test
    void theTuningChoosesTheRateOfEachVariant() throws IOException {
        String tuning = "tuning { rates = [1e-6, 0.02], seeds = [101], score = loss, best = lowest }\n";
        Study tuned = Studies.read(folder, Studies.GRID.replace("[1, 2]", "1") + tuning);
        assertEquals(List.of(), runner(tuned, file, 2).run());
        Results results = Results.read(file);
        assertEquals(6, results.all().size());
        List<Run> runs = tuned.studyRuns(results);
        assertTrue(runs.stream().allMatch(run -> run.config().rate() == 0.02), runs.toString());
        runs.forEach(run -> assertNotNull(results.of(run)));
    }

    @Test
    void aResultOfOtherCodeIsRunAnew() throws IOException {
        Study one = Studies.read(folder, Studies.GRID.replace("[1, 2]", "1"));
        runner(one, file, 1).run();
        List<String> lines = Files.readAllLines(file);
        String losses = Results.read(file).of(one.grid().get(0)).fingerprint().losses();
        Files.writeString(file, String.join("\n", lines).replace(losses, "1.0 2.0 3.0"));
        Results old = Results.read(file);
        assertEquals(List.of(one.grid().get(0)), runner(one, old, 1).missing(one.grid()));
        assertEquals(List.of(), runner(one, old, 1).run());
        assertEquals(losses, Results.read(file).of(one.grid().get(0)).fingerprint().losses());
    }

    @Test
    void aRunBeyondTheMemoryIsRefused() throws IOException {
        Runner small = new Runner(study, Results.read(file), folder.resolve("work"), 2, 1000, new Counting(step -> {}));
        List<String> errors = small.run();
        assertEquals(4, errors.size());
        assertTrue(errors.get(0).contains("memory: ") && errors.get(0).contains("MiB"), errors.get(0));
        assertFalse(Files.exists(file));
    }

    private Runner runner(Study of, Path results, int parallel) throws IOException {
        return runner(of, Results.read(results), parallel);
    }

    private Runner runner(Study of, Results results, int parallel) {
        return new Runner(of, results, folder.resolve("work"), parallel, ENOUGH, new Counting(step -> {}));
    }

    private static void assertSame(Results expected, Results actual) {
        List<RunResult> a = List.copyOf(expected.all());
        List<RunResult> b = List.copyOf(actual.all());
        assertEquals(a.size(), b.size());
        for (int i = 0; i < a.size(); i++) {
            assertEquals(a.get(i).run(), b.get(i).run());
            assertTrue(a.get(i).sameNumbers(b.get(i)), a.get(i) + "\n" + b.get(i));
        }
    }

    private static final class Counting implements Runner.Listener {
        private final Consumer<Integer> onStep;
        private int finished;
        private int steps;

        Counting(Consumer<Integer> onStep) {
            this.onStep = onStep;
        }

        @Override
        public void finished(RunResult result, int done, int total, double secondsLeft) {
            finished++;
        }

        @Override
        public void step(Run run, int step, int done, int total, double secondsLeft) {
            onStep.accept(++steps);
        }
    }
}
