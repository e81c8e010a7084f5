package org.deepdelta.experiment.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.DoubleStream;
import org.deepdelta.tensor.Rng;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    /** Student's own data (Biometrika 6, 1908): hours of sleep gained by ten patients under two drugs. */
    private static final double[] FIRST = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2};

    private static final double[] SECOND = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

    @Test
    void studentsSleepDataGiveHisNumbers() {
        PairedDifference d = PairedDifference.of(SECOND, FIRST);
        assertEquals(10, d.n());
        assertEquals(1.58, d.mean(), 1e-12);
        assertEquals(1.229995, d.deviation(), 1e-6);
        assertEquals(0.7001142, d.interval().low(), 1e-7);
        assertEquals(2.4598858, d.interval().high(), 1e-7);
        assertEquals(0.002832890, d.p(), 1e-9);
        assertEquals(1.58 / 1.229995 * (1 - 3 / 35.0), d.effect(), 1e-6);
        assertTrue(d.interval().low() < d.bootstrap().low()
                && d.bootstrap().high() < d.interval().high() + 0.2);
        assertEquals(d, PairedDifference.of(SECOND, FIRST), "the same resamples each time");
        PairedDifference back = PairedDifference.of(FIRST, SECOND);
        assertEquals(-d.mean(), back.mean());
        assertEquals(d.p(), back.p());
    }

    @Test
    void equalDifferencesNeedNoSpecialCaseByTheCaller() {
        PairedDifference none = PairedDifference.of(new double[] {1, 2, 3}, new double[] {1, 2, 3});
        assertEquals(1, none.p());
        assertEquals(0, none.effect());
        assertEquals(new Interval(0, 0), none.interval());
        PairedDifference one = PairedDifference.of(new double[] {2, 3, 4}, new double[] {1, 2, 3});
        assertEquals(0, one.p());
        assertEquals(new Interval(1, 1), one.interval());
        assertEquals(Double.POSITIVE_INFINITY, one.effect());
    }

    @Test
    void wrongInputIsNamed() {
        double[] two = {1, 2};
        assertMessage("got 2 and 3", () -> PairedDifference.of(two, new double[] {1, 2, 3}));
        assertMessage("got 1 and 1", () -> PairedDifference.of(new double[] {1}, new double[] {1}));
        assertMessage("at place 1", () -> PairedDifference.of(two, new double[] {1, Double.NaN}));
        assertMessage("alpha", () -> new PairedTest(0));
        assertMessage("2 or more pairs", () -> new PairedTest(0.05).power(1, 1));
        assertMessage("100000 pairs", () -> new PairedTest(0.05).pairs(0, 0.8));
        assertMessage("between 0.05 and 1", () -> new PairedTest(0.05).detectable(5, 1));
    }

    private static void assertMessage(String part, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(part), message);
    }

    /** Holm (1979): 0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02. */
    @Test
    void holmKeepsOrderAndBounds() {
        assertArrayEquals(new double[] {0.03, 0.06, 0.06, 0.02}, holm(0.01, 0.04, 0.03, 0.005), 1e-15);
        assertArrayEquals(new double[] {1, 1}, holm(0.7, 0.9), 0);
        assertArrayEquals(new double[] {}, holm());
    }

    private static double[] holm(double... p) {
        return PairedDifference.holm(DoubleStream.of(p)
                .mapToObj(x -> new PairedDifference(List.of(), 0, 0, null, null, 0, x))
                .toList());
    }

    /** Cohen's tables of the paired test: 34 pairs for half a deviation, 15 for 0.8, 10 for 1, at power 0.8. */
    @Test
    void powerIsThatOfTheTables() {
        PairedTest test = new PairedTest(0.05);
        assertEquals(0.05, test.power(5, 0), 1e-8);
        assertEquals(34, test.pairs(0.5, 0.8));
        assertEquals(15, test.pairs(0.8, 0.8));
        assertEquals(10, test.pairs(1, 0.8));
        assertEquals(1, test.power(200, 3), 1e-9);
        assertEquals(0.8, test.power(5, test.detectable(5, 0.8)), 1e-6);
    }

    /** The integral against counting. */
    @Test
    void powerIsHowOftenTheTestFinds() {
        Rng rng = Rng.of(3, "power");
        int trials = 20_000;
        int n = 5;
        int found = 0;
        double critical = 2.7764451;
        for (int i = 0; i < trials; i++) {
            double sum = 0;
            double squares = 0;
            for (int j = 0; j < n; j++) {
                double x = 1.2 + rng.normal((long) i * n + j);
                sum += x;
                squares += x * x;
            }
            double deviation = Math.sqrt((squares - sum * sum / n) / (n - 1));
            found += Math.abs(sum / n) * Math.sqrt(n) / deviation > critical ? 1 : 0;
        }
        assertEquals(new PairedTest(0.05).power(n, 1.2), (double) found / trials, 0.012);
    }

    @Test
    void anIntervalIsReadInOneLine() {
        assertEquals("-0.50 to +1.25", new Interval(-0.5, 1.25).text(2));
        assertTrue(new Interval(-0.5, 1.25).contains(0));
    }

    /** Student's data again; expected values from the formulas in another language, p by summing the t density. */
    @Test
    void aCorrelationHasItsInterval() {
        Correlation c = Correlation.of(FIRST, SECOND);
        assertEquals(10, c.n());
        assertEquals(0.7951702, c.r(), 1e-7);
        assertEquals(0.3315255, c.interval().low(), 1e-6);
        assertEquals(0.9494465, c.interval().high(), 1e-6);
        assertEquals(0.005965, c.p(), 1e-6);
        Correlation back =
                Correlation.of(FIRST, DoubleStream.of(SECOND).map(x -> -x).toArray());
        assertEquals(-c.r(), back.r(), 1e-15);
        assertEquals(c.p(), back.p(), 1e-15);
        assertEquals(1, Correlation.of(FIRST, FIRST).r(), 1e-12);
        assertTrue(c.text().startsWith("+0.80 (95 % interval +0.33 to +0.95, n = 10"), c.text());
        assertMessage("got 3 and 3", () -> Correlation.of(new double[] {1, 2, 3}, new double[] {1, 2, 3}));
        assertMessage("differ among each other", () -> Correlation.of(new double[4], new double[] {1, 2, 3, 4}));
    }
}
