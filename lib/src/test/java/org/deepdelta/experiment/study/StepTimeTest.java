package org.deepdelta.experiment.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Times of steps: of every variant, once whatever the axes, read back as written, and refused for other sizes. */
final class StepTimeTest {
    private static final String TEXT =
            """
            question = "How long?"
            base {
              task = "flip:symbols=4,queries=2,rounds=2", layers = 1, heads = 1, factor = 0.5
              rows = 2, shards = 1, rate = 0.01, decay = 0.1, clip = 1
            }
            variants { narrow { rule = additive, width = 8 }, wide { rule = ddl_scalar, width = 96 } }
            axes { steps = [20, 30] }
            seeds = [1, 2]
            """;

    @TempDir
    private Path folder;

    private Study study(String text) throws IOException {
        Path file = folder.resolve("some.conf");
        Files.writeString(file, text);
        return Study.read(file, "laptop");
    }

    @Test
    void aWiderModelTakesLongerAndTheFileSaysSo() throws IOException {
        Study study = study(TEXT);
        List<Integer> rounds = new ArrayList<>();
        List<StepTime> times = StepTime.measure(study, 5, 8, rounds::add);
        assertEquals(5, rounds.get(rounds.size() - 1));
        assertEquals(study.variants(), times.stream().map(StepTime::variant).toList());
        StepTime narrow = times.get(0);
        StepTime wide = times.get(1);
        assertTrue(0 < narrow.best() && narrow.best() <= narrow.median(), narrow.toString());
        assertTrue(narrow.best() < wide.best(), times.toString());
        Path file = folder.resolve("some-steps.jsonl");
        StepTime.write(times, file);
        assertEquals(Map.of("narrow", narrow, "wide", wide), StepTime.read(study, file));
        assertEquals(study.variants(), List.copyOf(StepTime.read(study, file).keySet()));
    }

    @Test
    void timesOfOtherSizesAreRefused() throws IOException {
        Path file = folder.resolve("some-steps.jsonl");
        StepTime.write(StepTime.measure(study(TEXT), 1, 1, round -> {}), file);
        Study wider = study(TEXT.replace("96", "104"));
        String said = assertThrows(IllegalStateException.class, () -> StepTime.read(wider, file))
                .getMessage();
        assertTrue(said.contains("wide: expected the time of a step of") && said.contains("-Dtime"), said);
        Files.writeString(file, "{}x\n");
        said = assertThrows(IOException.class, () -> StepTime.read(wider, file)).getMessage();
        assertTrue(said.contains("line 1: expected the time of a step"), said);
        said = assertThrows(IllegalStateException.class, () -> StepTime.read(wider, folder.resolve("none.jsonl")))
                .getMessage();
        assertTrue(said.contains("none.jsonl: narrow:") && said.contains("got none. To refresh: "), said);
        Study axis = study(TEXT.replace(", width = 8", "")
                .replace(", width = 96", "")
                .replace("axes {", "axes { width = [8, 16], "));
        said = assertThrows(IllegalArgumentException.class, () -> StepTime.measure(axis, 1, 1, round -> {}))
                .getMessage();
        assertTrue(said.contains("variant narrow: expected one size"), said);
    }
}
