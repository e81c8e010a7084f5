package org.deepdelta.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FlipTaskTest {

    /** The known optimum: c - 1 reflections a round, each of them a Delta operator at beta = 2. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void reflectionsSolveIt(int cycle) {
        FlipTask task = new FlipTask(9, cycle, 6, 42);
        for (int rounds : new int[] {0, 1, 2, 3, 7, 50}) {
            Batch batch = task.training(16, rounds).batch(rounds);
            for (int i = 0; i < batch.ids().length; i++) {
                int row = i - i % task.length();
                if (batch.targets()[i] == Batch.IGNORED) {
                    assertTrue(i - row < cycle);
                } else {
                    double[] state = new double[9];
                    state[batch.ids()[i] % 9] = 1;
                    for (int round = 0; round < rounds; round++) {
                        for (int r = 1; r < cycle; r++) {
                            reflect(state, batch.ids()[row] % 9, batch.ids()[row + r] % 9);
                        }
                    }
                    assertEquals(1, state[batch.targets()[i] % 9], 1e-12);
                }
            }
        }
    }

    private static void reflect(double[] state, int a, int b) {
        double k = Math.sqrt(0.5);
        double write = 2 * (k * state[a] - k * state[b]);
        state[a] -= write * k;
        state[b] += write * k;
    }

    @Test
    void tokensSayTheirRole() {
        FlipTask task = new FlipTask(8, 3, 4, 1);
        Batch batch = task.training(32, 5).batch(9);
        assertEquals(7, batch.T());
        assertEquals(32, task.vocabulary());
        for (int i = 0; i < batch.ids().length; i++) {
            assertEquals(Math.min(i % 7, 3), batch.ids()[i] / 8);
            assertEquals(i % 7 < 3 ? -1 : 3, Math.floorDiv(batch.targets()[i], 8));
        }
    }

    @Test
    void heldOutCyclesNeverOccurInTraining() {
        FlipTask task = new FlipTask(12, 2, 1, 3);
        Set<Set<Integer>> training = swaps(task.training(64, 1));
        Set<Set<Integer>> heldOut = swaps(task.heldOut(64, 1));
        assertEquals(66, training.size() + heldOut.size());
        assertTrue(heldOut.size() >= 3, heldOut::toString);
        heldOut.forEach(swap -> assertTrue(!training.contains(swap), swap::toString));
    }

    private static Set<Set<Integer>> swaps(Batches batches) {
        Set<Set<Integer>> swaps = new HashSet<>();
        for (long position = 0; position < 50; position++) {
            int[] ids = batches.batch(position).ids();
            for (int i = 0; i < ids.length; i += 3) {
                swaps.add(new TreeSet<>(List.of(ids[i] % 12, ids[i + 1] % 12)));
            }
        }
        return swaps;
    }

    @Test
    void unchangedIsRightHalfTheTimeUnlessTheCycleClosed() {
        FlipTask task = new FlipTask(8, 3, 10, 5);
        assertEquals(0.5, unchanged(task.training(100, 4).batch(0)), 0.05);
        assertEquals(1, unchanged(task.training(100, 6).batch(0)));
    }

    private static double unchanged(Batch batch) {
        int same = 0;
        for (int i = 0; i < batch.ids().length; i++) {
            same += batch.ids()[i] == batch.targets()[i] ? 1 : 0;
        }
        return same / (double) batch.scored();
    }

    @Test
    void theSameQuestionsForEveryNumberOfRounds() {
        FlipTask task = new FlipTask(8, 2, 4, 1);
        int[] once = task.training(4, 1).batch(3).ids();
        assertArrayEquals(once, task.training(4, 9).batch(3).ids());
        assertNotEquals(
                Arrays.toString(once),
                Arrays.toString(task.training(4, 1).batch(4).ids()));
        assertNotEquals(
                Arrays.toString(once),
                Arrays.toString(new FlipTask(8, 2, 4, 2).training(4, 1).batch(3).ids()));
    }

    @Test
    void roundsAreDrawnFromOneToMost() {
        FlipTask task = new FlipTask(8, 2, 4, 1);
        int[] seen = new int[6];
        for (long position = 0; position < 5000; position++) {
            seen[task.rounds(position, 5)]++;
        }
        assertEquals(0, seen[0]);
        for (int r = 1; r <= 5; r++) {
            assertEquals(1000, seen[r], 150);
        }
    }

    @Test
    void refusesSizesThatMakeNoTask() {
        assertThrows(IllegalArgumentException.class, () -> new FlipTask(3, 3, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new FlipTask(8, 1, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new FlipTask(8, 2, 0, 0));
    }

    /** Half of the questions are about the cycle, and an answer is that symbol's own token. */
    @Test
    void rolesAndQueriesAreReadOffTheRow() {
        FlipTask task = new FlipTask(9, 3, 5, 4);
        Batch batch = task.heldOut(40, 1).batch(2);
        int[] seen = new int[3];
        for (int i = 0; i < batch.ids().length; i++) {
            FlipTask.Role role = task.role(batch, i);
            seen[role.ordinal()]++;
            boolean asked = batch.targets()[i] != Batch.IGNORED;
            assertEquals(!asked, role == FlipTask.Role.NAMES);
            assertEquals(asked && batch.targets()[i] != batch.ids()[i], role == FlipTask.Role.MOVED);
            for (int r = 0; role == FlipTask.Role.MOVED && r < 3; r++) {
                int row = i / task.length();
                if (batch.ids()[i] == task.query(batch, row, r)) {
                    assertEquals(task.query(batch, row, (r + 1) % 3), batch.targets()[i]);
                }
            }
        }
        assertEquals(120, seen[0]);
        assertEquals(100, seen[1], 30);
    }
}
