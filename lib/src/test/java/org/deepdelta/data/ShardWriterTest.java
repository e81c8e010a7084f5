package org.deepdelta.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShardWriterTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 100_000, 100_001, 200_000})
    void whatIsWrittenIsRead(int size) throws IOException {
        int count = size < 10 ? 20 : 100_001;
        int[] tokens = IntStream.range(0, count)
                .map(i -> i % 3 == 0 ? 65_535 - i % 1000 : i & 0xFFFF)
                .toArray();
        List<Path> files;
        try (ShardWriter writer = new ShardWriter(folder, "a", "train", 1, size, 65_536)) {
            writer.write(tokens[0]);
            writer.write(IntStream.of(tokens).skip(1).toArray());
            files = writer.finish();
            assertEquals(count, writer.tokens());
        }
        assertEquals((count + size - 1) / size, files.size());
        Tokens read = TokenFiles.shards(folder, "train", 65_536);
        int[] all = new int[(int) read.size()];
        read.copy(0, all, 0, all.length);
        assertArrayEquals(tokens, all);
        assertEquals(files.size(), names().size(), "no other file");
    }

    @Test
    void theFileIsLlmCs() throws IOException {
        try (ShardWriter writer = new ShardWriter(folder, "fineweb", "val", 0, 10, 50_304)) {
            writer.write(50_256, 1);
            writer.finish();
        }
        byte[] bytes = Files.readAllBytes(folder.resolve("fineweb_val_000000.bin"));
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(1028, bytes.length);
        assertEquals(20240520, file.getInt(0));
        assertEquals(1, file.getInt(4));
        assertEquals(2, file.getInt(8));
        for (int i = 12; i < 1024; i += 4) {
            assertEquals(0, file.getInt(i), "header word " + i / 4);
        }
        assertEquals((short) 50_256, file.getShort(1024));
        assertEquals(1, file.getShort(1026));
    }

    @Test
    void whatIsNotFinishedLeavesWholeShardsAlone() throws IOException {
        try (ShardWriter writer = new ShardWriter(folder, "a", "train", 1, 4, 256)) {
            writer.write(1, 2, 3, 4, 5, 6);
            assertTrue(names().contains("a_train_under_way.tmp"), names()::toString);
        }
        assertEquals(List.of("a_train_000001.bin"), names());
        assertEquals(4, TokenFiles.shards(folder, "train", 256).size());
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (ShardWriter writer = new ShardWriter(folder, "a", "train", 1, 4, 256)) {
            refused(() -> writer.write(1, 256), "token 1: expected 0 to 255, got 256");
            refused(() -> writer.write(-1), "expected 0 to 255, got -1");
        }
        refused(() -> new ShardWriter(folder, "a", "train", 1, 4, 65_537), "vocabulary: expected 1 to 65536");
        refused(() -> new ShardWriter(folder, "a", "train", 1, 0, 9), "shard size: expected at least 1, got 0");
        refused(() -> new ShardWriter(folder, "a", "train", 1_000_000, 1, 9), "first number: expected 0 to 999999");
        try (ShardWriter writer = new ShardWriter(folder, "b", "train", 999_999, 1, 9)) {
            refused(() -> writer.write(1, 2), "larger shards than 1");
        }
    }

    private static void refused(Runnable call, String expected) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(expected), message);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }
}
