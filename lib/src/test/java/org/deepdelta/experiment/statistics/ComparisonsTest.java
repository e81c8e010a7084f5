package org.deepdelta.experiment.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import org.deepdelta.experiment.statistics.Comparisons.Verdict;
import org.junit.jupiter.api.Test;

final class ComparisonsTest {
    private static final double[] NOTHING = new double[5];

    private static PairedDifference difference(double... by) {
        return PairedDifference.of(by, NOTHING);
    }

    private final Comparisons family = new Comparisons(0.05)
            .with("far above", difference(0.30, 0.32, 0.31, 0.29, 0.30))
            .with("far below", difference(-0.30, -0.32, -0.31, -0.29, -0.30))
            .with("alike", difference(0.01, -0.01, 0.02, -0.02, 0.00))
            .with("scattered", difference(0.5, -0.3, 0.4, -0.1, 0.2));

    @Test
    void theFourVerdicts() {
        assertEquals(Verdict.ABOVE, family.verdict("far above"));
        assertEquals(Verdict.BELOW, family.verdict("far below"));
        assertEquals(Verdict.SMALL, family.verdict("alike"));
        assertEquals(Verdict.UNDECIDED, family.verdict("scattered"));
    }

    /** An interval that lies beyond nil is no finding where many were looked at. */
    @Test
    void correctsOverTheWholeFamily() {
        PairedDifference near = difference(0.1, 0.3, 0.05, 0.2, 0.15);
        assertTrue(near.interval().low() > 0 && near.p() < 0.05, near.interval().text(3));
        assertEquals(Verdict.ABOVE, new Comparisons(0.05).with("near", near).verdict("near"));
        Comparisons many = family.with("near", near);
        assertEquals(3 * near.p(), many.adjusted("near"), 1e-15);
        assertEquals(Verdict.UNDECIDED, many.verdict("near"));
    }

    @Test
    void theTableHasARowForEach() {
        assertEquals(
                List.of("above", "below", "small", "undecided"),
                family.table("difference").stringColumn("verdict").asList());
        assertEquals("+0.30 (95 % interval +0.29 to +0.32, Holm's p 0.000)", family.text("far above"));
    }

    @Test
    void saysWhatWouldHaveBeenNeeded() {
        double effect = new PairedTest(0.05 / 4).detectable(5, 0.8);
        family.detectable()
                .forEach((name, needed) -> assertEquals(effect * family.of(name).deviation(), needed, 1e-12, name));
        double[] sorted = family.detectable().values().stream()
                .mapToDouble(x -> x)
                .sorted()
                .toArray();
        String range = String.format(Locale.ROOT, "differences of %.2f to %.2f.", sorted[0], sorted[3]);
        assertTrue(family.power().endsWith(range), family.power());
    }

    @Test
    void refusesWhatItCannotTellApart() {
        assertThrows(IllegalArgumentException.class, () -> new Comparisons(0));
        assertThrows(IllegalArgumentException.class, () -> family.with("alike", difference(1, 2, 3, 4, 5)));
        String said = assertThrows(IllegalArgumentException.class, () -> family.of("other"))
                .getMessage();
        assertTrue(said.contains("far above; far below; alike; scattered"), said);
    }
}
