package org.deepdelta.experiment.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tech.tablesaw.api.Table;

/** Studies from their file to their results: what is wrong is named, what is lost is made again, and with the same bits. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StudyTest {
    private static final String TEXT =
            """
            question = "Does it run?"
            base {
              task = "flip:symbols=4,queries=2,rounds=2", layers = 1, heads = 1, width = 8, factor = 0.5
              rows = 2, shards = 1, steps = 30, rate = 0.01, decay = 0.1, clip = 1
            }
            variants {
              plus { rule = additive }
              DDL { rule = ddl_scalar }
            }
            axes { steps = [20, 30] }
            seeds = [1, 2]
            tuning { candidates { rate = [0.01, 0.02] }, seeds = [101], score = accuracy.trained, at { steps = 20 } }
            presets { smoke { seeds = [1], axes { steps = [20] } } }
            """;
    private static final Runner.Listener SILENT = new Runner.Listener() {};

    @TempDir
    private static Path folder;

    private Path whole;

    @BeforeAll
    void runOnceOnTwoThreads() throws IOException {
        whole = folder.resolve("whole.jsonl");
        assertEquals(List.of(), runner(study(TEXT, "laptop"), whole, 2, SILENT).run());
    }

    private static Study study(String text, String preset) throws IOException {
        Path file = folder.resolve("some.conf");
        Files.writeString(file, text);
        return Study.read(file, preset);
    }

    private static Runner runner(Study study, Path results, int parallel, Runner.Listener listener) throws IOException {
        return new Runner(
                study, Results.read(results), folder.resolve("work"), RunExecutor.local(parallel, 1 << 28), listener);
    }

    @Test
    void theGridIsTheDeclaredOne() throws IOException {
        Study study = study(TEXT, "laptop");
        assertEquals(List.of("plus", "DDL"), study.variants());
        assertEquals(Map.of("steps", List.of("20", "30")), study.axes());
        assertEquals(List.of(1L, 2L), study.seeds());
        assertEquals(8, study.grid().size());
        assertEquals(4, study.tuningRuns().size());
        assertEquals("DDL, steps 30, seed 2", study.grid().get(7).describe());
        assertEquals(
                "tuning plus, steps 20, rate 0.02, factor 0.5, seed 101",
                study.tuningRuns().get(1).describe());
        assertEquals(2, study(TEXT, "smoke").grid().size());
        assertNull(study.studyRuns(Results.read(folder.resolve("none.jsonl"))), "no rate is chosen before the tuning");
    }

    @Test
    void everyVariantRunsAtItsBestRate() throws IOException {
        Study study = study(TEXT, "laptop");
        Evidence evidence = Evidence.of(study, whole, true);
        assertEquals(8, evidence.all().size());
        Results results = Results.read(whole);
        for (String variant : study.variants()) {
            RunResult best = null;
            for (Run run : study.tuningRuns()) {
                RunResult result = results.of(run);
                if (run.variant().equals(variant)
                        && (best == null || result.score("accuracy.trained") > best.score("accuracy.trained"))) {
                    best = result;
                }
            }
            assertEquals(
                    best.run().config().rate(),
                    evidence.of(variant, "steps=30").get(0).run().config().rate());
        }
        assertEquals(
                2,
                evidence.difference("accuracy.trained", "DDL", "plus", "steps=20")
                        .n());
        assertEquals(8, evidence.table().rowCount());
        Table tuned = evidence.tuned("accuracy.trained");
        assertEquals(study.variants(), tuned.stringColumn("variant").asList());
        for (RunResult result : evidence.tuning()) {
            int row = study.variants().indexOf(result.run().variant());
            String candidate = "rate " + result.run().config().rate();
            assertEquals(
                    result.score("accuracy.trained"),
                    tuned.doubleColumn(candidate).get(row),
                    candidate);
        }
        assertTrue(evidence.source().contains("whole.jsonl: 8 runs, 2 seeds"), evidence.source());
        assertMessage(() -> evidence.of("minus", "steps=20"), "no results of minus", "[plus, DDL]");
        assertMessage(() -> evidence.scores("accuracy", "plus", "steps=20"), "no score accuracy", "accuracy.trained");
    }

    @Test
    void someVariantsAreAStudyToo() throws IOException {
        Study some = study(TEXT, "laptop").only("DDL");
        assertEquals(List.of("DDL"), some.variants());
        Evidence evidence = Evidence.of(some, whole, false);
        assertEquals(4, evidence.all().size());
        assertEquals(2, evidence.tuning().size());
        assertEquals(
                Evidence.of(study(TEXT, "laptop"), whole, false).of("DDL", "steps=30"), evidence.of("DDL", "steps=30"));
        assertMessage(() -> some.only("DDL", "plus"), "expected some of [DDL], got [DDL, plus]");
    }

    @Test
    void someVariantsRunByThemselves() throws IOException {
        Study study = study(TEXT, "laptop");
        Path file = folder.resolve("part.jsonl");
        assertEquals(List.of(), runner(study, file, 1, SILENT).only("DDL").run());
        Results part = Results.read(file);
        assertEquals(6, part.all().size());
        assertTrue(part.all().stream().allMatch(r -> r.run().variant().equals("DDL")));
        assertEquals(4, Evidence.of(study.only("DDL"), file, false).all().size());
        assertEquals(List.of(), runner(study, file, 1, SILENT).only("plus").run());
        assertSame(Results.read(whole), Results.read(file));
        Runner runner = runner(study, file, 1, SILENT);
        assertMessage(() -> runner.only("minus"), "expected some of [plus, DDL], got [minus]");
    }

    @Test
    void oneThreadAndInterruptionsGiveTheSameNumbers() throws IOException {
        Study study = study(TEXT, "laptop");
        Path file = folder.resolve("again.jsonl");
        Runner[] runner = new Runner[1];
        int[] stops = new int[1];
        Runner.Listener stopping = new Runner.Listener() {
            @Override
            public void step(Run run, int step, int done, int total, double secondsLeft) {
                if (step % 13 == 0 && stops[0]++ % 2 == 0) {
                    runner[0].stop();
                }
            }
        };
        int attempts = 0;
        do {
            runner[0] = runner(study, file, 1, stopping);
            assertEquals(List.of(), runner[0].run());
            attempts++;
        } while (runner[0].isStopped());
        assertTrue(attempts > 3, "stopped " + (attempts - 1) + " times");
        assertSame(Results.read(whole), Results.read(file));
        try (Stream<Path> left = Files.list(folder.resolve("work"))) {
            assertEquals(0, left.count(), "checkpoints are removed with the result");
        }
    }

    @Test
    void aLineThatIsDeletedComesBack() throws IOException {
        Study study = study(TEXT, "laptop");
        List<String> lines = new ArrayList<>(Files.readAllLines(whole));
        lines.remove(9);
        Path file = folder.resolve("cut.jsonl");
        Files.write(file, lines);
        String said = assertThrows(IllegalStateException.class, () -> Evidence.of(study, file, false))
                .getMessage();
        assertTrue(said.contains("1 of 8 results") && said.contains("exec:java@study -Dstudy=some"), said);
        int[] runs = new int[1];
        Runner runner = runner(study, file, 1, new Runner.Listener() {
            @Override
            public void finished(RunResult result, int done, int total, double secondsLeft) {
                runs[0]++;
            }
        });
        runner.run();
        assertEquals(1, runs[0]);
        assertSame(Results.read(whole), Results.read(file));
    }

    private static void assertSame(Results expected, Results actual) {
        List<RunResult> left = List.copyOf(expected.all());
        List<RunResult> right = List.copyOf(actual.all());
        assertEquals(left.size(), right.size());
        for (int i = 0; i < left.size(); i++) {
            assertEquals(left.get(i).run(), right.get(i).run());
            assertTrue(left.get(i).sameNumbers(right.get(i)), left.get(i) + "\n" + right.get(i));
        }
    }

    @Test
    void aResultOfOtherCodeIsRefused() throws IOException {
        Study study = study(TEXT, "laptop");
        Path file = folder.resolve("other.jsonl");
        String text = Files.readString(whole);
        Files.writeString(file, text.replaceAll("\"after\":\"[0-9]", "\"after\":\"7"));
        String said = assertThrows(IllegalStateException.class, () -> Evidence.of(study, file, false))
                .getMessage();
        assertTrue(said.contains("behaves otherwise") && said.contains("loss after them: was 7"), said);
        assertThrows(IllegalStateException.class, () -> Evidence.of(study, file));
        assertEquals(12, runner(study, file, 1, SILENT).missing(allRuns(study)).size());
        Study changed = study(TEXT.replace("decay = 0.1", "decay = 0.2"), "laptop");
        assertThrows(IllegalStateException.class, () -> Evidence.of(changed, whole, false));
        List<String> lines = new ArrayList<>(Files.readAllLines(whole));
        lines.replaceAll(line ->
                line.contains("\"variant\":\"DDL\"") ? line.replaceAll("\"after\":\"[0-9]", "\"after\":\"7") : line);
        Files.write(file, lines);
        assertEquals(8, Evidence.of(study, file).all().size(), "of the first configuration alone, the code is checked");
    }

    @Test
    void oneLineThatWasChangedIsRefused() throws IOException {
        Study study = study(TEXT, "laptop");
        Path file = folder.resolve("line.jsonl");
        List<String> lines = Files.readAllLines(whole);
        for (Run run : study.studyRuns(Results.read(whole))) {
            List<String> changed = new ArrayList<>(lines);
            RunResult result = Results.read(whole).of(run);
            int at = List.copyOf(Results.read(whole).all()).indexOf(result);
            changed.set(at, lines.get(at).replaceAll("\"norms\":\"[0-9]", "\"norms\":\"7"));
            Files.write(file, changed);
            String said = assertThrows(
                            IllegalStateException.class, () -> Evidence.of(study, file, false), run.describe())
                    .getMessage();
            assertTrue(said.contains(run.describe()) && said.contains("gradient norms: was"), said);
            assertTrue(said.contains("To refresh: "), said);
        }
    }

    private List<Run> allRuns(Study study) throws IOException {
        List<Run> runs = new ArrayList<>(study.tuningRuns());
        runs.addAll(study.studyRuns(Results.read(whole)));
        return runs;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "clip = 1|clop = 1|line 4: base: expected one of the keys|clop",
                "width = 8|width = 9.5|width: expected a whole number, got 9.5|plus",
                "layers = 1|layers = 2147483647|layers: expected at most 4096, got 2147483647|plus",
                "heads = 1|heads = 3|expected a multiple of the 3 heads, got 8|plus",
                "rule = additive|rule = subtractive|rule: expected one of additive|line 6",
                "symbols=4|symbols=2|symbols=2: expected a whole number >= 3|plus",
                "task = \"flip|task = \"flop|task: expected one of flip, registers, text, walk|flop",
                "seeds = [1, 2]|seeds = [1, 1]|line 11: seeds: expected different whole numbers|[1, 1]",
                "seeds = [101]|seeds = [2]|tuning.seeds: expected none of the study's seeds [1, 2], got 2|line 12",
                "at { steps|at { width|expected one of the axes [steps], got width|tuning.at",
                "score = |sore = |tuning: expected one of the keys|sore",
                "axes {|axes = 5|10: Expecting|some.conf",
                "rate = 0.01,|rate = none,|expected a number, got none|plus",
                "rows = 2, ||a value for rows, here or in base, got none|plus",
                "best|best|question|question",
            })
    void whatIsWrongIsNamed(String what, String with, String first, String second) throws IOException {
        String text = what.equals("best")
                ? TEXT.replace("question =", "problem =")
                : TEXT.replace(what, with == null ? "" : with);
        assertNotEquals(TEXT, text);
        String said = assertThrows(IllegalArgumentException.class, () -> study(text, "laptop"))
                .getMessage();
        assertTrue(said.contains(first) && said.contains(second) && said.contains("some.conf"), said);
    }

    @Test
    void aFileThatIsNoStudyIsNamed() throws IOException {
        assertMessage(() -> Study.read(folder.resolve("nowhere.conf"), "laptop"), "nowhere.conf", "no such file");
        assertMessage(() -> Study.read(folder.resolve("nowhere.conf"), "desktop"), "expected one of", "desktop");
        Path broken = folder.resolve("broken.jsonl");
        Files.writeString(broken, Files.readString(whole).replaceFirst("\"seed\":101", "\"seed\":102"));
        String said =
                assertThrows(IOException.class, () -> Results.read(broken)).getMessage();
        assertTrue(said.contains("broken.jsonl, line 1") && said.contains("run the study again"), said);
    }

    @Test
    void machinesThatAreNotReachedFromHereAreNamed() {
        assertMessage(() -> RunExecutor.at("moon"), "executor: expected local", "-Pspark", "got moon");
    }

    private static void assertMessage(Runnable call, String... parts) {
        String said = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        for (String part : parts) {
            assertTrue(said.contains(part), said);
        }
    }

    @Test
    void aRunThatNeedsMoreThanThereIsFailsAlone() throws IOException {
        Study study = study(TEXT, "smoke");
        Runner runner = new Runner(
                study,
                Results.read(folder.resolve("small.jsonl")),
                folder.resolve("work"),
                RunExecutor.local(1, 1000),
                SILENT);
        List<String> errors = runner.run();
        assertEquals(4, errors.size());
        assertTrue(
                errors.get(0).contains("memory: tuning plus") && errors.get(0).contains("MiB"), errors.get(0));
    }

    @Test
    void aFingerprintFollowsBehaviourAndNothingElse() {
        RunConfig config = new RunConfig(
                "flip:symbols=4,queries=2,rounds=2", "ddl_scalar", 1, 1, 8, 0.5, 8, 1, 30, 0.01, 0.1, 1, 0);
        Fingerprint first = fingerprint(config);
        assertEquals(first, fingerprint(config));
        assertEquals("", first.differences(fingerprint(config)));
        Map<String, RunConfig> others = Map.of(
                "rule", new RunConfig(config.task(), "ddl_scalar:eps=0.1", 1, 1, 8, 0.5, 8, 1, 30, 0.01, 0.1, 1, 0),
                "task",
                        new RunConfig(
                                config.task() + ",cycle=3", "ddl_scalar", 1, 1, 8, 0.5, 8, 1, 30, 0.01, 0.1, 1, 0),
                "decay", new RunConfig(config.task(), "ddl_scalar", 1, 1, 8, 0.5, 8, 1, 30, 0.01, 0.2, 1, 0),
                "clip", new RunConfig(config.task(), "ddl_scalar", 1, 1, 8, 0.5, 8, 1, 30, 0.01, 0.1, 0.5, 0),
                "steps", new RunConfig(config.task(), "ddl_scalar", 1, 1, 8, 0.5, 8, 1, 40, 0.01, 0.1, 1, 0),
                "rate", new RunConfig(config.task(), "ddl_scalar", 1, 1, 8, 0.5, 8, 1, 30, 0.02, 0.1, 1, 0),
                "start", new RunConfig(config.task(), "ddl_scalar", 1, 1, 8, 1, 8, 1, 30, 0.01, 0.1, 1, 0));
        others.forEach((what, other) -> assertNotEquals("", first.differences(fingerprint(other)), what));
        assertTrue(first.differences(fingerprint(others.get("steps"))).startsWith("learning rates"));
    }

    private static Fingerprint fingerprint(RunConfig config) {
        return Fingerprint.of(config, Task.of(config.task()));
    }
}
