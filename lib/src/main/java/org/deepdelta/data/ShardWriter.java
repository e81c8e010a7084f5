package org.deepdelta.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Writes the token shards of one split in llm.c's format ({@link TokenFiles}): {@code NAME_SPLIT_000001.bin} and so on, each of the same
 * number of tokens but the last. A shard has its name only once it is whole and on the disk. An end before {@link #finish} leaves the
 * shards that are whole, and no other file.
 */
public final class ShardWriter implements AutoCloseable {
    /** The largest vocabulary whose tokens fit a shard: they are unsigned integers of 16 bits. */
    public static final int MAX_VOCABULARY = 1 << 16;

    private static final int BUFFER = 1 << 16;
    private static final int MAX_NUMBER = 999_999;

    private final Path folder;
    private final String prefix;
    private final int size;
    private final int vocabulary;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private final List<Path> files = new ArrayList<>();
    private int number;
    private Path underWay;
    private FileChannel channel;
    private int inShard;
    private long tokens;

    /**
     * Begins with the first token.
     *
     * @param folder where they go; made if it is not there
     * @param name of the data set, the first part of the files' names
     * @param split {@code train} or {@code val}
     * @param first number of the first shard
     * @param size tokens a shard
     * @param vocabulary tokens must be below it
     * @throws IllegalArgumentException if a number is out of range, naming it and what is allowed
     */
    public ShardWriter(Path folder, String name, String split, int first, int size, int vocabulary) {
        require("shard size", size, size >= 1, "at least 1");
        require("first number", first, first >= 0 && first <= MAX_NUMBER, "0 to " + MAX_NUMBER);
        require(
                "vocabulary",
                vocabulary,
                vocabulary >= 1 && vocabulary <= MAX_VOCABULARY,
                "1 to " + MAX_VOCABULARY + ", as tokens take two bytes");
        this.folder = folder;
        this.prefix = name + "_" + split + "_";
        this.number = first;
        this.size = size;
        this.vocabulary = vocabulary;
    }

    private static void require(String what, long value, boolean holds, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": expected " + allowed + ", got " + value);
        }
    }

    /**
     * Adds tokens, across shards where one is full.
     *
     * @param more the tokens
     * @throws IllegalArgumentException naming the first token outside the vocabulary
     * @throws UncheckedIOException if a shard cannot be written
     */
    public void write(int... more) {
        try {
            for (int token : more) {
                require("token " + tokens, token, token >= 0 && token < vocabulary, "0 to " + (vocabulary - 1));
                if (channel == null) {
                    begin();
                }
                if (buffer.remaining() < Short.BYTES) {
                    flush();
                }
                buffer.putShort((short) token);
                tokens++;
                inShard++;
                if (inShard == size) {
                    end();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Ends the last shard.
     *
     * @return all shards written, in order
     * @throws UncheckedIOException if it cannot be written
     */
    public List<Path> finish() {
        try {
            if (channel != null) {
                end();
            }
            return List.copyOf(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * How many tokens were written.
     *
     * @return over all shards
     */
    public long tokens() {
        return tokens;
    }

    /** Gives up a shard that is not finished. */
    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.close();
                channel = null;
                Files.deleteIfExists(underWay);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void begin() throws IOException {
        if (number > MAX_NUMBER) {
            throw new IllegalArgumentException("shard size: expected larger shards than " + size + " tokens: there are "
                    + "more than " + MAX_NUMBER + " of them");
        }
        Files.createDirectories(folder);
        underWay = folder.resolve(prefix + "under_way.tmp");
        channel = FileChannel.open(
                underWay, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        channel.position(TokenFiles.HEADER);
        inShard = 0;
    }

    private void end() throws IOException {
        flush();
        ByteBuffer header = ByteBuffer.allocate(TokenFiles.HEADER).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(TokenFiles.MAGIC)
                .putInt(TokenFiles.VERSION)
                .putInt(inShard)
                .rewind();
        for (long at = 0; header.hasRemaining(); at = header.position()) {
            channel.write(header, at);
        }
        channel.force(true);
        channel.close();
        channel = null;
        Path file = folder.resolve(String.format(Locale.ROOT, "%s%06d.bin", prefix, number));
        Files.move(underWay, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        files.add(file);
        number++;
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }
}
