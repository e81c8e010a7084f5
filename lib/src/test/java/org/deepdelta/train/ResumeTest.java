package org.deepdelta.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deepdelta.model.Rules;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Rng;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A run that is stopped anywhere and resumed has the bits of one that never was, for every rule; kills are in {@link ProcessTest}. */
final class ResumeTest {
    private static final int STEPS = 6;

    @TempDir
    Path folder;

    static List<Arguments> rules() {
        List<Arguments> all = new ArrayList<>();
        for (String rule : Rules.ALL) {
            all.add(Arguments.of(rule, DType.F32));
            all.add(Arguments.of(rule, DType.F64));
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("rules")
    void resumingEqualsNeverHavingStopped(String rule, DType type) throws IOException {
        String expected;
        TinyRun never = run(rule, type, 1);
        try (Trainer trainer = never.trainer) {
            trainer.run();
            expected = never.bits();
        }
        int stop = 1 + (int) Rng.of(11, rule + type).below(0, STEPS - 1);
        try (Trainer trainer = run(rule, type, 1).trainer) {
            trainer.in(folder).listening((row, steps, left) -> {
                if (row.step() == stop) {
                    trainer.stop();
                }
            });
            assertThrows(Trainer.Stopped.class, trainer::run);
        }
        assertEquals(stop, Checkpoint.newest(folder).step());
        TinyRun resumed = run(rule, type, 2);
        try (Trainer trainer = resumed.trainer) {
            trainer.in(folder).resuming().run();
            assertEquals(expected, resumed.bits(), rule + ", stopped after step " + stop);
        }
        assertEquals(STEPS, Checkpoint.newest(folder).step());
    }

    private static TinyRun run(String rule, DType type, int threads) {
        return new TinyRun(type, TinyRun.config(STEPS).withThreads(threads), rule, 8, 0);
    }
}
