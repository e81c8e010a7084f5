package org.deepdelta.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HellaSwagTest {
    private static final int GPT2 = 50304;
    private static final HellaSwag.Example FIRST = example(2, new int[] {50256, 1, 2}, 3, 1, 2, 5);
    private static final HellaSwag.Example SECOND = example(0, new int[] {7}, 1, 1, 1, 1);

    @TempDir
    Path folder;

    static HellaSwag.Example example(int label, int[] context, int... lengths) {
        List<int[]> endings = Arrays.stream(lengths)
                .mapToObj(n -> {
                    int[] ending = new int[n];
                    Arrays.fill(ending, 40_000 + n);
                    return ending;
                })
                .toList();
        return new HellaSwag.Example(context, endings, label);
    }

    private Path written(HellaSwag.Example... examples) {
        Path file = folder.resolve("hellaswag_val.bin");
        HellaSwag.write(file, List.of(examples));
        return file;
    }

    @Test
    void whatIsWrittenIsRead() {
        Path file = written(FIRST, SECOND);
        List<HellaSwag.Example> read = HellaSwag.read(file, GPT2);
        assertEquals(2, read.size());
        assertArrayEquals(FIRST.context(), read.get(0).context());
        assertEquals(2, read.get(0).label());
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(FIRST.endings().get(i), read.get(0).endings().get(i));
            assertArrayEquals(SECOND.endings().get(i), read.get(1).endings().get(i));
        }
        assertFalse(Files.exists(folder.resolve("hellaswag_val.bin.tmp")));
    }

    @Test
    void theFileIsLlmCs() throws IOException {
        ByteBuffer file =
                ByteBuffer.wrap(Files.readAllBytes(written(FIRST, SECOND))).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(1024 + 48 + 30, file.capacity());
        assertEquals(20240522, file.getInt(0));
        assertEquals(1, file.getInt(4));
        assertEquals(2, file.getInt(8));
        assertEquals(48, file.getInt(12));
        int[] second = {65535, 30, 1, 0, 4, 1, 7, 1, 40001, 1, 40001, 1, 40001, 1, 40001};
        for (int i = 0; i < second.length; i++) {
            assertEquals(second[i], file.getShort(1024 + 48 + 2 * i) & 0xFFFF, "number " + i);
        }
    }

    @Test
    void aFileThatIsNotThereIsNamedWithWhatMakesIt() {
        refused(folder.resolve("hellaswag_val.bin"), "hellaswag_val.bin", "no such file", "dev/data/hellaswag.py");
    }

    @Test
    void refusesWhatIsNotWhole() throws IOException {
        byte[] whole = Files.readAllBytes(written(FIRST, SECOND));
        changed(whole, 0, 20240520, "byte 0", "the word 20240520", "20240522");
        changed(whole, 4, 2, "byte 4", "the word 2");
        changed(whole, 8, 3, "byte 8", "a promise of 3 examples", "expected 2");
        changed(whole, 8, -1, "byte 8", "a promise of -1");
        changed(whole, 12, 50, "byte 12", "a longest example of 50 bytes", "48 bytes");
        changed(whole, 1024, 65534, "byte 1024", "the start of example 0");
        changed(whole, 1026, 60, "more of example 0");
        changed(whole, 1026, 46, "ending 3");
        changed(whole, 1026, 65534, "byte 1026", "the bytes of example 0");
        changed(whole, 1028, 1, "byte 1028", "1 as the index", "expected 0");
        changed(whole, 1030, 4, "byte 1030", "4 as the label", "0 to 3");
        changed(whole, 1032, 5, "byte 1032", "5 as the number of endings");
        changed(whole, 1034, 0, "byte 1034", "0 as the length of the context");
        changed(whole, 1034, 65535, "byte 1034", "65535 as the length of the context");
        changed(whole, 1036, 60_000, "byte 1036", "60000 as token", "0 to 50303");
        Path file = folder.resolve("cut.bin");
        Files.write(file, Arrays.copyOf(whole, 1000));
        refused(file, "byte 1000", "a header of 1024 bytes");
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        refused(file, "the bytes of example 1");
        Files.write(file, Arrays.copyOf(whole, 1024 + 48));
        refused(file, "a promise of 2 examples", "expected 1");
    }

    private void changed(byte[] whole, int at, int value, String... parts) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
        if (at < 1024) {
            bytes.putInt(at, value);
        } else {
            bytes.putShort(at, (short) value);
        }
        refused(Files.write(folder.resolve("changed.bin"), bytes.array()), parts);
    }

    private static void refused(Path file, String... parts) {
        String message = assertThrows(DataException.class, () -> HellaSwag.read(file, GPT2))
                .getMessage();
        assertTrue(message.contains(file.toString()), message);
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "no '" + part + "' in: " + message);
        }
    }

    @Test
    void refusesToWriteWhatDoesNotFit() {
        assertThrows(IllegalArgumentException.class, () -> written());
        assertThrows(IllegalArgumentException.class, () -> written(example(0, new int[] {65_536}, 1, 1, 1, 1)));
        assertThrows(IllegalArgumentException.class, () -> written(example(0, new int[33_000], 1, 1, 1, 1)));
        assertThrows(
                IllegalArgumentException.class,
                () -> HellaSwag.write(folder.resolve("many.bin"), Collections.nCopies(65_535, SECOND)));
        assertThrows(IllegalArgumentException.class, () -> example(4, new int[1], 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> example(0, new int[0], 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> example(0, new int[1], 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> example(0, new int[1], 1, 1, 0, 1));
    }
}
