package org.deepdelta.experiment.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A study's file: what it declares, and what is said of everything that is wrong in it. */
final class StudyFileTest {
    private static final String TUNED = Studies.GRID
            + """
            axes { width = [8, 16], heads = [1, 2] }
            tuning { rates = [0.01, 0.02], seeds = [101, 102, 103], score = loss, best = lowest, at { heads = 2 } }
            presets { smoke { seeds = [7], axes { width = 8 }, base { steps = 3 } } }
            """;

    @TempDir
    Path folder;

    @Test
    void aGridIsVariantsTimesAxesTimesSeeds() throws IOException {
        Study study = Studies.read(folder, TUNED);
        assertEquals("echoes", study.name());
        assertEquals("Does it echo?", study.question());
        assertEquals(List.of("addition", "DDL"), study.variants());
        assertEquals(Map.of("width", List.of("8", "16"), "heads", List.of("1", "2")), study.axes());
        assertEquals(List.of(1L, 2L), study.seeds());
        assertEquals(2 * 4 * 2, study.grid().size());
        RunConfig last = study.grid().get(15).config();
        assertEquals("ddl_scalar", last.rule());
        assertEquals(16, last.width());
        assertEquals(2, last.seed());
        assertEquals(last.withSeed(1), study.grid().get(14).config());
    }

    @Test
    void aTuningIsEqualForAllVariants() throws IOException {
        Study study = Studies.read(folder, TUNED);
        assertEquals(2 * 2 * 2 * 3, study.tuningRuns().size()); // variants, widths, rates, seeds; heads are not tuned
        for (String variant : study.variants()) {
            List<Run> runs = study.tuningRuns().stream()
                    .filter(run -> run.variant().equals(variant))
                    .toList();
            assertEquals(12, runs.size());
            assertTrue(runs.stream().allMatch(run -> run.config().heads() == 2));
        }
        assertEquals(null, study.studyRuns(Results.read(folder.resolve("none.jsonl"))));
    }

    @Test
    void aPresetChangesWhatItNames() throws IOException {
        Study study = Studies.read(folder, TUNED, "smoke");
        assertEquals(List.of(7L), study.seeds());
        assertEquals(List.of("8"), study.axes().get("width"));
        assertEquals(3, study.grid().get(0).config().steps());
        assertEquals(4, study.grid().get(0).config().rows());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "steps = 30 | steps = many | addition {}: steps: expected a whole number, got many",
        "steps = 30 | stops = 30 | line 4: base: expected one of the keys",
        "width = 8 | width = 9 | width: expected a multiple of the 2 heads, got 9",
        "width = 8 | width = [8, 16] | line 3: width: expected one value, got [8, 16]",
        "width = 8 | width = {} | line 3: width: expected a value or a list of values",
        "shards = 2 | shards = 5 | shards: expected 1 to batch = 4, got 5",
        "rate = 0.01 | rate = -1 | schedule: expected",
        "length=6 | longth=6 | option longth=6: expected one of length",
        "echo:length=6 | cheese | task: expected one of echo",
        "= additive | = aditive | rule: expected one of additive",
        "{ rule = additive } | {} | addition: expected a value for rule, here or in base, got none",
        "= additive | = ddl_scalar | DDL, seed 1: expected a run of its own, got that of addition, seed 1 again",
        "{ rule = additive } | { rule = additive, rate = 1 | echoes.conf: 11: expecting a close",
        "[1, 2] | [1, 1] | line 10: seeds: expected different whole numbers, got [1, 1]",
        "[1, 2] | [] | line 10: seeds: expected a value or a list of values, got []",
        "seeds = [1, 2] | sheds = [1, 2] | line 10: the study: expected one of the keys",
        "seeds = [1, 2] | seeds = 1, axes { width = [4, 4] } | expected a run of its own",
        "seeds = [1, 2] | seeds = 1, axes { rule = [hc, mhc] } | addition.rule: expected none, since it is an axis",
        "seeds = [1, 2] | seeds = 1, presets { fast {} } | presets: expected one of the keys [smoke, laptop, paper]",
    })
    void whatIsWrongIsSaidWithItsPlace(String from, String to, String said) throws IOException {
        assertTrue(Studies.GRID.contains(from), from);
        refused(Studies.GRID.replace(from, to), said);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "seeds = [101, 102, 103] | seeds = [101, 2] | tuning.seeds: expected none of the study's seeds [1, 2], got 2",
        "at { heads = 2 } | at { layers = 2 } | tuning.at.layers: expected one of the axes [heads, width], got layers",
        "rates = [0.01, 0.02] | rates = [0.01, 0.01] | expected a run of its own",
        "rates = [0.01, 0.02] | rates = [fast] | rate: expected a number, got fast",
        "score = loss | sore = loss | tuning: expected one of the keys",
        "score = loss, | '' | score: expected a value or a list of values, got none",
        "best = lowest | best = worst | tuning.best: expected highest or lowest, got worst",
        "{ rule = additive } | { rule = additive, rate = 1 } | addition.rate: expected none, since the tuning chooses it",
        "heads = [1, 2] } | rate = [1, 2] } | axes.rate: expected none, since the tuning chooses it",
    })
    void aTuningThatWouldNotBeFairIsRefused(String from, String to, String said) throws IOException {
        assertTrue(TUNED.contains(from), from);
        String text = TUNED.replace(from, to.equals("''") ? "" : to);
        refused(from.startsWith("heads") ? text.replace(", at { heads = 2 }", "") : text, said);
    }

    @Test
    void aMissingFileIsNamed() {
        Path none = folder.resolve("none.conf");
        String said = assertThrows(IllegalArgumentException.class, () -> Study.read(none, "laptop"))
                .getMessage();
        assertTrue(said.contains("none.conf: no such file"), said);
        assertThrows(IllegalArgumentException.class, () -> Studies.read(folder, Studies.GRID, "quick"));
    }

    private void refused(String text, String expected) {
        String said = assertThrows(IllegalArgumentException.class, () -> Studies.read(folder, text))
                .getMessage();
        assertTrue(said.contains("echoes.conf"), said);
        assertTrue(said.contains(expected), said);
    }
}
