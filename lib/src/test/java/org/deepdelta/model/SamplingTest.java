package org.deepdelta.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class SamplingTest {
    private static final int DRAWS = 4000;
    private static final double[] CHANCES = {0.1, 0.4, 0.2, 0.3};
    private static final double[] LOGITS =
            Arrays.stream(CHANCES).map(p -> 5 + Math.log(p)).toArray();

    @Test
    void greedyTakesTheLikeliestAndTheFirstOfEquals() {
        assertEquals(1, Sampling.greedy().choose(LOGITS, 0));
        assertEquals(2, Sampling.greedy().choose(new double[] {-1, -3, 7, 7, 7}, 9));
        assertEquals(0, Sampling.greedy().choose(new double[] {-0.0, 0.0}, 0));
        assertEquals(1, Sampling.greedy().choose(new double[] {Double.NEGATIVE_INFINITY, -9}, 0));
    }

    @Test
    void everyTokenIsDrawnAsOftenAsItsProbabilitySays() {
        assertDrawn(CHANCES, new Sampling(1, 0, 1, 3));
        double[] roots = Arrays.stream(CHANCES).map(Math::sqrt).toArray();
        double sum = Arrays.stream(roots).sum();
        assertDrawn(Arrays.stream(roots).map(p -> p / sum).toArray(), new Sampling(2, 0, 1, 4));
        assertDrawn(new double[] {0, 4 / 7.0, 0, 3 / 7.0}, new Sampling(1, 2, 1, 5));
        assertDrawn(new double[] {0, 4 / 9.0, 2 / 9.0, 3 / 9.0}, new Sampling(1, 0, 0.75, 6));
    }

    @Test
    void topKKeepsExactlyThatMany() {
        assertEquals(Set.of(1), drawn(LOGITS, new Sampling(1, 1, 1, 0)));
        assertEquals(Set.of(1, 3), drawn(LOGITS, new Sampling(1, 2, 1, 0)));
        assertEquals(Set.of(1, 2, 3), drawn(LOGITS, new Sampling(1, 3, 1, 0)));
        assertEquals(Set.of(0, 1, 2, 3), drawn(LOGITS, new Sampling(1, 9, 1, 0)));
        assertEquals(Set.of(0, 1), drawn(new double[] {2, 2, 2}, new Sampling(1, 2, 1, 0)), "the first of equals");
        assertEquals(Set.of(0), drawn(new double[] {-0.0, 0.0}, new Sampling(1, 1, 1, 0)), "zeros are equals");
    }

    @Test
    void topPKeepsTheFewestThatReachIt() {
        assertEquals(Set.of(1), drawn(LOGITS, new Sampling(1, 0, 1e-300, 0)), "at least one");
        assertEquals(Set.of(1), drawn(LOGITS, new Sampling(1, 0, 0.39, 0)));
        assertEquals(Set.of(1, 3), drawn(LOGITS, new Sampling(1, 0, 0.41, 0)));
        assertEquals(Set.of(1, 3), drawn(LOGITS, new Sampling(1, 0, 0.69, 0)));
        assertEquals(Set.of(1, 2, 3), drawn(LOGITS, new Sampling(1, 0, 0.71, 0)));
        assertEquals(Set.of(0, 1, 2, 3), drawn(LOGITS, new Sampling(1, 0, 1, 0)));
        assertEquals(
                Set.of(1, 3),
                drawn(LOGITS, new Sampling(1, 3, 0.75, 0)),
                "0.75 of what top-k keeps, 0.9, is below 0.7");
        assertEquals(Set.of(1), drawn(LOGITS, new Sampling(0.1, 0, 0.69, 0)), "of the sharpened distribution");
    }

    @Test
    void temperatureGoesFromGreedyToUniform() {
        assertEquals(Set.of(1), drawn(LOGITS, new Sampling(1e-3, 0, 1, 0)));
        assertEquals(Set.of(1), drawn(LOGITS, new Sampling(Double.MIN_VALUE, 0, 1, 0)));
        assertDrawn(new double[] {0.25, 0.25, 0.25, 0.25}, new Sampling(1e12, 0, 1, 1));
        double[] far = {0, 800, -800};
        assertEquals(Set.of(1), drawn(far, new Sampling(1, 0, 1, 0)));
        double[] never = {Double.NEGATIVE_INFINITY, 1, 1};
        assertEquals(Set.of(1, 2), drawn(never, new Sampling(1e12, 0, 1, 0)));
    }

    @Test
    void aDrawIsAFunctionOfSeedAndNumber() {
        int[] once = draws(new Sampling(1, 0, 1, 7));
        assertArrayEquals(once, draws(new Sampling(1, 0, 1, 7)));
        assertEquals(once[100], new Sampling(1, 0, 1, 7).choose(LOGITS, 100));
        assertFalse(Arrays.equals(once, draws(new Sampling(1, 0, 1, 8))));
    }

    @Test
    void nanIsRefused() {
        for (double temperature : new double[] {0, 1}) {
            ArithmeticException e = assertThrows(ArithmeticException.class, () -> new Sampling(temperature, 0, 1, 0)
                    .choose(new double[] {1, Double.NaN}, 0));
            assertTrue(e.getMessage().contains("logit of token 1 is NaN"), e.getMessage());
        }
    }

    @Test
    void rangesAreNamed() {
        assertRefused("temperature: expected a finite number >= 0, got -0.1", -0.1, 0, 1);
        assertRefused("temperature: expected a finite number >= 0, got NaN", Double.NaN, 0, 1);
        assertRefused("temperature: expected a finite number >= 0, got Infinity", Double.POSITIVE_INFINITY, 0, 1);
        assertRefused("top-k: expected >= 0 (0 keeps all), got -1", 1, -1, 1);
        assertRefused("top-p: expected in (0, 1], got 0.0", 1, 0, 0);
        assertRefused("top-p: expected in (0, 1], got 1.01", 1, 0, 1.01);
        assertRefused("top-p: expected in (0, 1], got NaN", 1, 0, Double.NaN);
    }

    private static void assertRefused(String message, double temperature, int topK, double topP) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> new Sampling(temperature, topK, topP, 0));
        assertEquals(message, e.getMessage());
    }

    private static int[] draws(Sampling sampling) {
        int[] draws = new int[DRAWS];
        Arrays.setAll(draws, i -> sampling.choose(LOGITS, i));
        return draws;
    }

    private static Set<Integer> drawn(double[] logits, Sampling sampling) {
        Set<Integer> set = new TreeSet<>();
        for (int i = 0; i < DRAWS; i++) {
            set.add(sampling.choose(logits, i));
        }
        return set;
    }

    /** Within four standard deviations. */
    private static void assertDrawn(double[] chances, Sampling sampling) {
        int[] counts = new int[chances.length];
        for (int draw : draws(sampling)) {
            counts[draw]++;
        }
        for (int i = 0; i < chances.length; i++) {
            double p = chances[i];
            assertEquals(p, counts[i] / (double) DRAWS, 4 * Math.sqrt(p * (1 - p) / DRAWS), sampling + ", token " + i);
        }
    }
}
