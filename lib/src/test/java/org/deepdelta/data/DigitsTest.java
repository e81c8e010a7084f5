package org.deepdelta.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DigitsTest {
    @TempDir
    Path folder;

    @Test
    void theDigitsAreWhatTheyWere() {
        Digits whole = Digits.load(1);
        assertEquals(60_000, whole.train().size());
        assertEquals(10_000, whole.test().size());
        assertEquals(784, whole.train().features());
        assertEquals("3c0e25fc63395078", whole.train().fingerprint());
        assertEquals("f176ef5ffe68d3e1", whole.test().fingerprint());
        assertEquals(0.1135, whole.test().majority());
        assertArrayEquals(
                new byte[] {5, 0, 4, 1, 9, 2, 1, 3, 1, 4},
                Arrays.copyOf(whole.train().labels(), 10));
        halvesAreMeans(whole.test(), Digits.load(2).test());
    }

    private static void halvesAreMeans(Examples whole, Examples halves) {
        assertEquals(196, halves.features());
        assertArrayEquals(whole.labels(), halves.labels());
        for (int i = 0; i < 1000 * 196; i++) {
            int corner = i / 196 * 784 + i % 196 / 14 * 56 + i % 14 * 2;
            int sum = 0;
            for (int pixel : new int[] {corner, corner + 1, corner + 28, corner + 29}) {
                sum += whole.values()[pixel] & 0xFF;
            }
            assertEquals(Math.round(sum / 4.0), halves.values()[i] & 0xFF, "feature " + i);
        }
    }

    @Test
    void aMissingOrOtherJarIsNamed() throws IOException {
        String message =
                assertThrows(DataException.class, () -> Digits.load(folder, 2)).getMessage();
        assertTrue(message.contains("mvn -q -pl lib process-resources"), message);
        assertTrue(message.contains("rapaio-datasets-8.1.0.jar"), message);
        assertTrue(message.contains(Digits.JAR.coordinates()), message);
        Files.writeString(folder.resolve(Digits.JAR.file()), "no jar");
        message =
                assertThrows(DataException.class, () -> Digits.load(folder, 2)).getMessage();
        assertTrue(message.contains(Digits.JAR.file()) && message.contains(Digits.JAR.sha256()), message);
        for (int block : new int[] {0, 3, -1}) {
            assertThrows(IllegalArgumentException.class, () -> Digits.load(folder, block));
        }
    }

    @Test
    void everyExampleIsAskedOnce() {
        Examples examples =
                new Examples(2, 8, 3, new byte[] {1, 2, 3, 4, 5, 6, 7, 0, 1, 1}, new byte[] {2, 0, 1, 2, 2});
        List<Batch> batches =
                StreamSupport.stream(examples.whole(3).spliterator(), false).toList();
        assertEquals(2, batches.size());
        assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6}, batches.get(0).ids());
        assertArrayEquals(new int[] {2, -1, 0, -1, 1, -1}, batches.get(0).targets());
        assertArrayEquals(new int[] {7, 0, 1, 1, 0, 0}, batches.get(1).ids());
        assertArrayEquals(new int[] {2, -1, 2, -1, -1, -1}, batches.get(1).targets());
        assertEquals(5, batches.stream().mapToInt(Batch::scored).sum());
        assertEquals(0.6, examples.majority());
        assertEquals(2, examples.first(2).size());
        assertNotEquals(examples.fingerprint(), examples.first(4).fingerprint());
    }

    @Test
    void randomBatchesAreAFunctionOfSeedAndPosition() {
        Examples examples = new Examples(1, 256, 1, new byte[256], new byte[256]);
        Arrays.setAll(new int[256], i -> examples.values()[i] = (byte) i);
        Batches batches = examples.random(64, 1);
        int[] ids = batches.batch(7).ids();
        assertArrayEquals(ids, examples.random(64, 1).batch(7).ids());
        assertNotEquals(Arrays.toString(ids), Arrays.toString(batches.batch(8).ids()));
        assertNotEquals(
                Arrays.toString(ids),
                Arrays.toString(examples.random(64, 2).batch(7).ids()));
        assertTrue(Arrays.stream(ids).distinct().count() > 40);
    }

    @Test
    void whatDoesNotFitIsNamed() {
        refused("3 values and 2 labels", () -> new Examples(2, 8, 3, new byte[3], new byte[2]));
        refused("values[1] = 200", () -> new Examples(2, 8, 3, new byte[] {0, (byte) 200}, new byte[1]));
        refused("labels[0] = 3: expected 0 to 2", () -> new Examples(1, 8, 3, new byte[1], new byte[] {3}));
        refused("expected 1 to 256, got 257", () -> new Examples(1, 257, 3, new byte[1], new byte[1]));
        refused("expected 1 to 1 examples", () -> new Examples(1, 8, 3, new byte[1], new byte[1]).first(2));
    }

    private static void refused(String part, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
