package org.deepdelta.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The walk, beside one that is taken step by step from the tokens alone. */
final class WalkTaskTest {
    private static final WalkTask TASK = new WalkTask(7, 9, 5);

    @Test
    void answersAreThoseOfTheMachine() {
        for (int rounds = 0; rounds < 9; rounds++) {
            Batch batch = TASK.training(4, rounds).batch(3);
            for (int b = 0; b < 4; b++) {
                int[] ids = Arrays.copyOfRange(batch.ids(), b * TASK.length(), (b + 1) * TASK.length());
                int[] memory = new int[7];
                for (int i = 0; i < 7; i++) {
                    memory[ids[i] / 7] = ids[i] % 7;
                    assertEquals(Batch.IGNORED, batch.targets()[b * TASK.length() + i]);
                }
                for (int j = 7; j < ids.length; j++) {
                    int symbol = ids[j] - 49;
                    for (int r = 0; r < rounds; r++) {
                        symbol = memory[symbol];
                    }
                    assertEquals(49 + symbol, batch.targets()[b * TASK.length() + j], "R " + rounds);
                }
            }
        }
    }

    @Test
    void theMemoryIsOneCycleThroughAllSymbols() {
        int[] ids = TASK.test(1, 1).batch(0).ids();
        int[] memory = new int[7];
        IntStream.range(0, 7).forEach(i -> memory[ids[i] / 7] = ids[i] % 7);
        int at = 0;
        boolean[] seen = new boolean[7];
        for (int i = 0; i < 7; i++) {
            seen[at] = true;
            at = memory[at];
        }
        assertEquals(0, at);
        assertArrayEquals(new boolean[] {true, true, true, true, true, true, true}, seen);
    }

    @Test
    void batchesAreAFunctionOfPositionAndSeed() {
        assertArrayEquals(
                TASK.training(8, 1).batch(2).ids(), TASK.training(8, 4).batch(2).ids(), "R changes no question");
        assertArrayEquals(
                Arrays.copyOf(TASK.training(8, 1).batch(2).ids(), 16),
                TASK.training(1, 1).batch(2).ids(),
                "nor does B");
        assertTrue(differ(TASK.training(8, 1).batch(2), TASK.training(8, 1).batch(3)));
        assertTrue(differ(TASK.training(8, 1).batch(2), TASK.test(8, 1).batch(2)));
        assertTrue(differ(
                TASK.training(8, 1).batch(2),
                new WalkTask(7, 9, 6).training(8, 1).batch(2)));
        int most = Arrays.stream(TASK.training(64, 2).batch(0).ids()).max().orElse(0);
        assertEquals(TASK.vocabulary() - 1, most);
    }

    private static boolean differ(Batch a, Batch b) {
        return !Arrays.equals(a.ids(), b.ids());
    }

    @Test
    void wrongSizesAreNamed() {
        for (int[] sizes : new int[][] {{2, 1}, {3, 0}}) {
            String said = assertThrows(IllegalArgumentException.class, () -> new WalkTask(sizes[0], sizes[1], 0))
                    .getMessage();
            assertTrue(said.contains("symbols " + sizes[0] + ", queries " + sizes[1]), said);
        }
    }
}
