package org.deepdelta.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.deepdelta.data.Batch;
import org.deepdelta.model.GptConfig;
import org.junit.jupiter.api.Test;

final class StepProbeTest {

    private static StepProbe probe(String rule, int length) {
        int[] ids = IntStream.range(0, 2 * length).map(i -> i * 7 % 16).toArray();
        return new StepProbe(GptConfig.of(16, 1, 2, 16), rule, new Batch(2, length, ids, ids));
    }

    @Test
    void aStepIsTimedOnceItsResultIsRight() {
        try (StepProbe probe = probe("ddl_tc_ec", 6)) {
            Exception e = assertThrows(IllegalStateException.class, probe::time);
            assertTrue(e.getMessage().contains("they were not compared"), e.getMessage());
            assertThrows(IllegalStateException.class, probe::bytesPerToken);
            double off = probe.check();
            assertTrue(off <= 1, "off by " + off);
            assertTrue(probe.time() > 0);
            assertThrows(IllegalStateException.class, probe::check);
        }
    }

    @Test
    void anExpandedStateHoldsMore() {
        double[] bytes = IntStream.range(0, 2)
                .mapToDouble(i -> {
                    try (StepProbe probe = probe(i == 0 ? "additive" : "ddl_cc", 6)) {
                        probe.check();
                        return probe.bytesPerToken();
                    }
                })
                .toArray();
        assertTrue(bytes[1] > bytes[0], bytes[0] + " and " + bytes[1]);
        try (StepProbe probe = probe("ddl_cc", 6)) {
            probe.check();
            assertEquals(bytes[1], probe.bytesPerToken());
        }
    }
}
