package org.deepdelta.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenFilesTest {
    private static final int GPT2 = 50257;

    @TempDir
    Path folder;

    @Test
    void readsBothFormats() throws IOException {
        int[] tokens = {50256, 0, 40000, 7};
        assertArrayEquals(tokens, all(TokenFiles.shard(write("x_val_000000.bin", shard(tokens)), GPT2)));
        assertArrayEquals(tokens, all(TokenFiles.shard(write("train.bin", raw(tokens)), GPT2)));
        assertArrayEquals(new int[] {104, 195}, all(TokenFiles.bytes(write("a.txt", new byte[] {104, (byte) 195}))));
    }

    @Test
    void joinsShardsInTheOrderOfTheirNumbers() throws IOException {
        write("fineweb_train_000002.bin", shard(3, 4));
        write("fineweb_train_000001.bin", shard(1, 2));
        write("fineweb_train_000003.bin", shard(5));
        write("fineweb_val_000000.bin", shard(9));
        Tokens train = TokenFiles.shards(folder, "train", GPT2);
        assertArrayEquals(new int[] {1, 2, 3, 4, 5}, all(train));
        int[] middle = new int[4];
        train.copy(1, middle, 1, 3);
        assertArrayEquals(new int[] {0, 2, 3, 4}, middle);
        assertArrayEquals(new int[] {4, 5}, all(train.slice(3, 2)));
        assertArrayEquals(new int[] {9}, all(TokenFiles.shards(folder, "val", GPT2)));
        assertThrows(IndexOutOfBoundsException.class, () -> train.at(5));
        assertThrows(IndexOutOfBoundsException.class, () -> train.slice(3, 3));
    }

    @Test
    void findsNanoGptFilesInAFolder() throws IOException {
        write("train.bin", raw(1, 2));
        assertArrayEquals(new int[] {1, 2}, all(TokenFiles.shards(folder, "train", GPT2)));
        refused(() -> TokenFiles.shards(folder, "val", GPT2), "no val shards", "NAME_val_000001.bin", "val.bin");
    }

    @Test
    void refusesAGapOrATwinAmongShards() throws IOException {
        write("a_train_000001.bin", shard(1));
        write("a_train_000003.bin", shard(1));
        refused(() -> TokenFiles.shards(folder, "train", GPT2), "a_train_000003.bin", "expected number 2");
        write("b_train_000003.bin", shard(1));
        refused(() -> TokenFiles.shards(folder, "train", GPT2), "b_train_000003.bin", "a_train_000003.bin");
        refused(() -> TokenFiles.shards(folder.resolve("none"), "train", GPT2), "none", "a folder");
    }

    @Test
    void refusesWhatIsNoShard() throws IOException {
        refusedFile("x_train_000001.bin", new byte[0], "byte 0", "empty");
        refusedFile("raw.bin", new byte[] {1, 0, 2}, "byte 2", "odd");
        refusedFile("x_train_000001.bin", raw(1, 2, 3), "byte 0", "the word 131073", "20240520");
        refusedFile("x_train_000001.bin", new byte[] {1}, "byte 0", "20240520");
        refusedFile("hellaswag.bin", header(20240522, 1, 1), "byte 0", "the word 20240522", "20240520");
        refusedFile("swapped.bin", header(Integer.reverseBytes(20240520), 1, 1), "byte 0", "20240520");
        refusedFile("v2.bin", header(20240520, 2, 0), "byte 4", "version 2", "version 1");
        refusedFile("none.bin", header(20240520, 1, 0), "byte 8", "0 tokens");
        refusedFile("head.bin", Arrays.copyOf(shard(1, 2), 1000), "byte 1000", "header of 1024");
        refusedFile("short.bin", Arrays.copyOf(shard(1, 2), 1027), "byte 1027", "1028 bytes", "2 tokens");
        refusedFile("long.bin", Arrays.copyOf(shard(1, 2), 1030), "byte 1028", "1030 in all", "2 tokens");
        refused(() -> TokenFiles.shard(folder.resolve("absent.bin"), GPT2), "absent.bin", "no such file");
        refused(() -> TokenFiles.bytes(folder.resolve("absent.txt")), "absent.txt", "no such file");
    }

    @Test
    void refusesTokensOutsideTheVocabularyWhenRead() throws IOException {
        Tokens tokens = TokenFiles.shard(write("x_train_000001.bin", shard(1, 300, 2)), 256);
        assertEquals(1, tokens.at(0));
        refused(() -> all(tokens), "x_train_000001.bin", "byte 1026", "token 300", "vocabulary 256");
    }

    @Test
    void reachesBeyondTwoGigabytes() throws IOException {
        long count = 1_300_000_000L;
        Path file = write("big_train_000001.bin", header(20240520, 1, (int) count));
        long[] places = {0, (1 << 29) - 1, 1 << 29, 1 << 30, count - 1};
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int i = 0; i < places.length; i++) {
                channel.write(ByteBuffer.wrap(raw(40000 + i)), 1024 + 2 * places[i]);
            }
        }
        Tokens tokens = TokenFiles.shard(file, GPT2);
        assertEquals(count, tokens.size());
        for (int i = 0; i < places.length; i++) {
            assertEquals(40000 + i, tokens.at(places[i]));
        }
        int[] across = new int[4];
        tokens.copy((1 << 29) - 2, across, 0, 4);
        assertArrayEquals(new int[] {0, 40001, 40002, 0}, across);
    }

    private void refusedFile(String name, byte[] content, String... parts) throws IOException {
        Path file = write(name, content);
        DataException e = refused(() -> TokenFiles.shard(file, GPT2), parts);
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }

    private static DataException refused(Runnable reading, String... parts) {
        DataException e = assertThrows(DataException.class, reading::run);
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), () -> "no '" + part + "' in: " + e.getMessage());
        }
        return e;
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private static byte[] header(int magic, int version, int count) {
        ByteBuffer header = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        return header.putInt(magic).putInt(version).putInt(count).array();
    }

    private static byte[] shard(int... tokens) {
        byte[] file = Arrays.copyOf(header(20240520, 1, tokens.length), 1024 + 2 * tokens.length);
        System.arraycopy(raw(tokens), 0, file, 1024, 2 * tokens.length);
        return file;
    }

    private static byte[] raw(int... tokens) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * tokens.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int token : tokens) {
            bytes.putShort((short) token);
        }
        return bytes.array();
    }

    private static int[] all(Tokens tokens) {
        int[] all = new int[(int) tokens.size()];
        tokens.copy(0, all, 0, all.length);
        return all;
    }
}
