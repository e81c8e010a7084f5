package org.deepdelta.experiment.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A fingerprint is the same as often as it is taken, and another for each thing that changes how a run behaves. */
final class FingerprintTest {
    private static final RunConfig CONFIG =
            new RunConfig("echo:length=6", "ddl_scalar", 1, 2, 8, 0.5, 4, 2, 30, 0.01, 0.1, 1, 1);

    @Test
    void itIsStable() {
        Fingerprint first = of(CONFIG);
        assertEquals(first, of(CONFIG));
        assertEquals("", first.differences(of(CONFIG)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rule", "option", "task", "rate", "steps", "decay", "clip", "factor", "seed"})
    void itTellsChangesApart(String what) {
        RunConfig c = CONFIG;
        RunConfig changed =
                switch (what) {
                    case "rule" -> with("echo:length=6", "additive", 0.5, 30, 0.1, 1);
                    case "option" -> with("echo:length=6", "ddl_scalar:gates=write_only", 0.5, 30, 0.1, 1);
                    case "task" -> with("echo:length=6,shift=1", "ddl_scalar", 0.5, 30, 0.1, 1);
                    case "steps" -> with("echo:length=6", "ddl_scalar", 0.5, 40, 0.1, 1);
                    case "decay" -> with("echo:length=6", "ddl_scalar", 0.5, 30, 0.2, 1);
                    case "clip" -> with("echo:length=6", "ddl_scalar", 0.5, 30, 0.1, 1e-7);
                    case "factor" -> with("echo:length=6", "ddl_scalar", 0.6, 30, 0.1, 1);
                    case "rate" -> c.withRate(0.011);
                    default -> c.withSeed(2);
                };
        String differences = of(c).differences(of(changed));
        assertTrue(differences.contains("was") && differences.contains("is"), what + ": " + differences);
    }

    private static RunConfig with(String task, String rule, double factor, int steps, double decay, double clip) {
        return new RunConfig(task, rule, 1, 2, 8, factor, 4, 2, steps, 0.01, decay, clip, 1);
    }

    private static Fingerprint of(RunConfig config) {
        return Fingerprint.of(config, Task.of(config.task()));
    }
}
