package org.deepdelta.experiment.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of results: what is read is what was written, and what is broken is named. */
final class ResultsTest {
    @TempDir
    Path folder;

    private final List<Run> grid = Stream.of("additive", "ddl_scalar")
            .flatMap(rule -> LongStream.of(1, 2).mapToObj(seed -> run(rule, seed)))
            .toList();
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("some.jsonl");
    }

    private static Run run(String rule, long seed) {
        RunConfig config = new RunConfig("flip", rule, 1, 2, 8, 0.5, 4, 2, 12, 0.01, 0.1, 1, seed);
        return new Run(Run.STUDY, rule, Map.of("width", "8"), config);
    }

    @Test
    void whatIsReadIsWhatWasWritten() throws IOException {
        Results results = Results.read(file);
        for (int i = 3; i >= 0; i--) {
            results.add(result(grid.get(i), i), grid);
        }
        Results again = Results.read(file);
        assertEquals(List.copyOf(results.all()), List.copyOf(again.all()));
        assertEquals(grid, again.all().stream().map(RunResult::run).toList());
        RunResult first = again.of(grid.get(0));
        assertEquals(List.of("b", "a", "none"), List.copyOf(first.scores().keySet()));
        assertEquals(0.1 + 0.2, first.score("a"));
        assertTrue(Double.isNaN(first.score("none")));
    }

    @Test
    void resultsOfOtherRunsStayUntilTheStudyIsDone() throws IOException {
        Results results = Results.read(file);
        results.add(result(grid.get(0), 0), grid);
        List<Run> others = grid.subList(1, 4);
        results.add(result(grid.get(2), 2), others);
        assertEquals(
                List.of(2L, 0L), results.all().stream().map(RunResult::tokens).toList());
        results.keep(others);
        assertEquals(1, Results.read(file).all().size());
    }

    @Test
    void aBrokenLineIsNamed() throws IOException {
        Results results = Results.read(file);
        results.add(result(grid.get(0), 0), grid);
        results.add(result(grid.get(1), 1), grid);
        List<String> lines = Files.readAllLines(file);
        refused(lines.get(0) + "\n" + lines.get(1).substring(0, 300) + "\n", "line 2: not a result: delete the line");
        refused(lines.get(0) + "\n\n" + lines.get(1) + "\n", "line 2: not a result");
        refused(lines.get(0) + "\n" + lines.get(0) + "\n", "line 2: a second result of additive, width 8, seed 1");
        refused(lines.get(0).replace("\"width\":8", "\"width\":16") + "\n", "line 1: its configuration is not the one");
        refused(lines.get(0).replaceFirst("\"fingerprint\":\\{.*?}", "\"fingerprint\":null"), "line 1: not a result");
        refused(lines.get(0).replaceFirst("\"data\":\"[^\"]*\",", ""), "line 1: not a result");
        Files.write(file, "ü".getBytes(StandardCharsets.ISO_8859_1));
        String said = assertThrows(IOException.class, () -> Results.read(file)).getMessage();
        assertTrue(said.contains("UTF-8"), said);
    }

    private void refused(String text, String expected) throws IOException {
        Files.writeString(file, text);
        String said = assertThrows(IOException.class, () -> Results.read(file)).getMessage();
        assertTrue(said.contains("some.jsonl, " + expected), said);
    }

    private static RunResult result(Run run, int number) {
        Map<String, Double> scores = new LinkedHashMap<>();
        scores.put("b", 1.0);
        scores.put("a", 0.1 + 0.2);
        scores.put("none", Double.NaN);
        return new RunResult(
                run,
                run.config().hash(),
                "data",
                new Fingerprint("1", "2", "3", "4"),
                scores,
                List.of(2.0794415f, 0.1f),
                number,
                1e9 / 3,
                1000,
                null,
                new Provenance("unknown", "cpu", "Zen", 8, 1, "17", "2026-11-25T00:00:00Z", 1.5));
    }
}
