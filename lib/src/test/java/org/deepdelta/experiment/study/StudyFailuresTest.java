package org.deepdelta.experiment.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a study would do by mistake is refused before it runs; what goes wrong in one run is kept, and the others go on. */
final class StudyFailuresTest {
    private static final String TEXT =
            """
            question = "Does it fail?"
            base {
              task = "flip:symbols=4,queries=2,rounds=2", layers = 1, heads = 1, width = 8, factor = 0.5
              rows = 2, shards = 1, steps = 12, decay = 0.1, clip = 1, rate = 0.01
            }
            variants {
              plus { rule = additive }
              DDL { rule = ddl_scalar }
            }
            axes { width = [8, 16] }
            seeds = 1
            tuning { candidates { rate = [0.01, 0.02] }, seeds = 101, score = accuracy.trained }
            """;

    @TempDir
    Path folder;

    private Study read(String text) throws IOException {
        return Study.read(Files.writeString(folder.resolve("some.conf"), text), "laptop");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "heads = 1 | heads = [1, 2] | line 3: heads: expected one value, got [1, 2]",
                "heads = 1 | heads {} | line 3: heads: expected a value or a list of values",
                "\"Does it fail?\" | [a, b] | line 1: question: expected one value, got [a, b]",
                "= additive | = ddl_scalar | DDL, width 8, seed 1: expected a run of its own, got that of plus, width 8, seed 1",
                "[8, 16] | [8, 8] | plus, width 8, seed 1: expected a run of its own",
                "[0.01, 0.02] | [0.01, 0.01] | line 12: tuning plus, width 8, rate 0.01",
                "= additive | = additive, width = 8 | line 7: plus.width: expected none, since it is an axis, got 8",
                "= additive | = additive, rate = 1 | plus.rate: expected none, since the tuning chooses it",
                "width = [8, 16] | rate = [1, 2] | axes.rate: expected none, since the tuning chooses it",
            })
    void whatWouldBeDoneByMistakeIsRefused(String from, String to, String said) throws IOException {
        assertTrue(TEXT.contains(from), from);
        read(TEXT);
        String message = assertThrows(IllegalArgumentException.class, () -> read(TEXT.replace(from, to)))
                .getMessage();
        assertTrue(message.contains("some.conf, line ") && message.contains(said), message);
    }

    @Test
    void aRunThatDivergesIsAResultAndOthersGoOn() throws IOException {
        String text = TEXT.substring(0, TEXT.indexOf("axes"))
                        .replace("DDL {", "wild { rule = additive, rate = 1e300 }\nDDL {")
                + "seeds = 1";
        Study study = read(text);
        Path file = folder.resolve("some.jsonl");
        assertEquals(List.of(), runner(study, file).run());
        Results results = Results.read(file);
        assertEquals(
                List.of("plus", "wild", "DDL"),
                results.all().stream().map(r -> r.run().variant()).toList());
        RunResult wild = results.of(study.grid().get(1));
        assertTrue(wild.failure().matches("step \\d+ at rate .*"), wild.failure());
        String said = assertThrows(IllegalArgumentException.class, () -> wild.score("solved"))
                .getMessage();
        assertTrue(said.startsWith("wild, seed 1: no score solved, step"), said);
        assertTrue(Files.readAllLines(file).stream().allMatch(line -> line.length() < 2000));
        assertEquals(List.of(), runner(study, file).missing(study.grid()));
    }

    private Runner runner(Study study, Path file) throws IOException {
        Runner.Listener silent = new Runner.Listener() {};
        return new Runner(study, Results.read(file), folder.resolve("work"), RunExecutor.local(1, 1 << 28), silent);
    }
}
