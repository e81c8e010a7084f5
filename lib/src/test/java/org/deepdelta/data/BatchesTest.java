package org.deepdelta.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BatchesTest {

    @Test
    void sequentialBlocksFollowEachOtherAndStartOver() {
        Batches batches = Batches.sequential(counting(14), 2, 3);
        assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5}, batches.batch(0).ids());
        assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6}, batches.batch(0).targets());
        assertArrayEquals(new int[] {6, 7, 8, 9, 10, 11}, batches.batch(1).ids());
        assertArrayEquals(new int[] {7, 8, 9, 10, 11, 12}, batches.batch(1).targets());
        assertArrayEquals(batches.batch(0).ids(), batches.batch(2).ids());
        assertArrayEquals(
                batches.batch(1).ids(), batches.batch(1_000_000_000_001L).ids());
    }

    @Test
    void aBlockNeedsOneTokenMoreThanItHasPositions() {
        assertEquals(6, Batches.sequential(counting(7), 2, 3).batch(5).scored());
        String message = assertThrows(IllegalArgumentException.class, () -> Batches.sequential(counting(6), 2, 3))
                .getMessage();
        assertTrue(message.contains("6 tokens") && message.contains("at least 7"), message);
    }

    @Test
    void randomRowsAreRunsOfTheCorpusFixedBySeedAndPosition() {
        Batches batches = Batches.random(counting(200), 8, 5, 1);
        for (long position = 0; position < 50; position++) {
            Batch batch = batches.batch(position);
            for (int i = 0; i < batch.ids().length; i++) {
                assertEquals(batch.ids()[i] + 1, batch.targets()[i]);
                assertEquals(batch.ids()[i - i % 5] + i % 5, batch.ids()[i]);
            }
        }
        assertArrayEquals(
                batches.batch(3).ids(),
                Batches.random(counting(200), 8, 5, 1).batch(3).ids());
        assertNotEquals(
                List.of(batches.batch(3).ids()[0]), List.of(batches.batch(4).ids()[0]));
        assertNotEquals(
                batches.batch(3).ids()[0],
                Batches.random(counting(200), 8, 5, 2).batch(3).ids()[0]);
    }

    @Test
    void randomRowsStartEverywhereAboutEquallyOften() {
        int[] starts = new int[10];
        Batches batches = Batches.random(counting(14), 10, 4, 7);
        for (long position = 0; position < 1000; position++) {
            int[] ids = batches.batch(position).ids();
            for (int b = 0; b < 10; b++) {
                starts[ids[4 * b]]++;
            }
        }
        for (int count : starts) {
            assertEquals(1000, count, 150);
        }
    }

    @Test
    void theWholeSetScoresEveryTokenButTheFirstOnce() {
        for (int size = 2; size <= 20; size++) {
            List<Integer> targets = new ArrayList<>();
            for (Batch batch : Batches.whole(counting(size), 2, 3)) {
                assertEquals(6, batch.ids().length);
                for (int i = 0; i < 6; i++) {
                    if (batch.targets()[i] != Batch.IGNORED) {
                        assertEquals(batch.ids()[i] + 1, batch.targets()[i]);
                        targets.add(batch.targets()[i]);
                    }
                }
            }
            assertEquals(size - 1, targets.size());
            for (int i = 0; i < targets.size(); i++) {
                assertEquals(i + 1, targets.get(i));
            }
        }
        assertThrows(IllegalArgumentException.class, () -> Batches.whole(counting(1), 2, 3));
    }

    @Test
    void aBatchHasItsShape() {
        assertThrows(IllegalArgumentException.class, () -> new Batch(2, 3, new int[6], new int[5]));
        assertThrows(IllegalArgumentException.class, () -> new Batch(0, 3, new int[0], new int[0]));
    }

    private static Tokens counting(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) i;
        }
        return Tokens.of(bytes);
    }
}
