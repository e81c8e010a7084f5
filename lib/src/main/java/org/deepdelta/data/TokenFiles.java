package org.deepdelta.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Token files, mapped rather than loaded, of any size.
 *
 * <p>Two formats of shards, both little-endian, are told apart by their first word and their size:
 *
 * <ul>
 *   <li>llm.c: a header of 256 int32 {20240520, 1, n, 0, ...}, then n uint16 tokens; exactly 1024 + 2 n bytes. Files are
 *       named {@code NAME_train_000001.bin} and {@code NAME_val_000000.bin}.
 *   <li>nanoGPT: uint16 tokens and nothing else; files {@code train.bin} and {@code val.bin}.
 * </ul>
 *
 * <p>The first word of an llm.c file, read as two tokens, would begin with 55432, which GPT-2's vocabulary does not have.
 * Files with the first word of another llm.c format (20240000 to 20249999) are refused.
 */
public final class TokenFiles {
    static final int MAGIC = 20240520;
    static final int VERSION = 1;
    static final int HEADER = 1024;
    private static final Pattern NAME = Pattern.compile("(.+)_(train|val)_(\\d{6})\\.bin");

    private TokenFiles() {}

    /**
     * Any file as bytes, one token each, for {@link ByteTokenizer}.
     *
     * @param file a file that is not empty
     * @return its bytes
     * @throws DataException if it is missing or empty
     * @throws UncheckedIOException if it cannot be read
     */
    public static Tokens bytes(Path file) {
        return open(file, channel -> new FileTokens(file, channel, 0, 1, 256));
    }

    /**
     * One shard of either format.
     *
     * @param file the shard
     * @param vocabulary tokens must be below it; checked as they are read
     * @return its tokens
     * @throws DataException if it is missing, empty, truncated, too long, of odd size, or of another format
     * @throws UncheckedIOException if it cannot be read
     */
    public static Tokens shard(Path file, int vocabulary) {
        return open(file, channel -> {
            boolean named = NAME.matcher(file.getFileName().toString()).matches();
            return new FileTokens(file, channel, header(file, channel, named), 2, vocabulary);
        });
    }

    /**
     * All shards of a folder, in the order of their numbers: {@code *_SPLIT_%06d.bin}, or {@code SPLIT.bin} where there
     * are none.
     *
     * @param folder where they lie
     * @param split {@code train} or {@code val}
     * @param vocabulary tokens must be below it; checked as they are read
     * @return the tokens of all of them, one shard after the other
     * @throws DataException if there are none, a number is missing or there twice, or as {@link #shard} says
     * @throws UncheckedIOException if one cannot be read
     */
    public static Tokens shards(Path folder, String split, int vocabulary) {
        TreeMap<Integer, Path> found = new TreeMap<>();
        for (Path file : list(folder)) {
            Matcher name = NAME.matcher(file.getFileName().toString());
            if (name.matches() && name.group(2).equals(split)) {
                Path twin = found.put(Integer.valueOf(name.group(3)), file);
                if (twin != null) {
                    throw new DataException(
                            file, "a second shard of this number beside " + twin, "one data set a folder");
                }
            }
        }
        if (found.isEmpty()) {
            Path raw = folder.resolve(split + ".bin");
            if (Files.exists(raw)) {
                return shard(raw, vocabulary);
            }
            throw new DataException(
                    folder, "no " + split + " shards", "NAME_" + split + "_000001.bin and so on, or " + split + ".bin");
        }
        List<Tokens> parts = new ArrayList<>();
        int next = found.firstKey();
        for (var shard : found.entrySet()) {
            if (shard.getKey() != next) {
                throw new DataException(
                        shard.getValue(), "shard number " + shard.getKey(), "number " + next + ", which is missing");
            }
            parts.add(shard(shard.getValue(), vocabulary));
            next++;
        }
        return parts.size() == 1 ? parts.get(0) : new JoinedTokens(parts);
    }

    private static long header(Path file, FileChannel channel, boolean named) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        while (head.hasRemaining() && channel.read(head, head.position()) > 0) {}
        int words = head.flip().limit() / Integer.BYTES;
        int magic = words > 0 ? head.getInt(0) : 0;
        boolean other = magic / 10_000 == MAGIC / 10_000 || Integer.reverseBytes(magic) == MAGIC;
        if (magic != MAGIC && (named || other)) {
            throw new DataException(file, 0, "the word " + magic, MAGIC + ", with which llm.c token shards begin");
        }
        if (magic != MAGIC) {
            if (channel.size() % 2 != 0) {
                throw new DataException(file, channel.size() - 1, "an odd byte at the end", "tokens of two bytes");
            }
            return 0;
        }
        if (channel.size() < HEADER) {
            throw new DataException(file, channel.size(), "the end", "a header of " + HEADER + " bytes");
        }
        if (head.getInt(4) != VERSION) {
            throw new DataException(file, 4, "version " + head.getInt(4), "version " + VERSION);
        }
        long count = head.getInt(8) & 0xFFFF_FFFFL;
        long end = HEADER + 2 * count;
        if (count == 0) {
            throw new DataException(file, 8, "0 tokens", "at least one");
        }
        if (channel.size() != end) {
            throw new DataException(
                    file,
                    Math.min(channel.size(), end),
                    channel.size() < end ? "the end" : "more bytes (" + channel.size() + " in all)",
                    end + " bytes for the " + count + " tokens that the header promises");
        }
        return HEADER;
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (NoSuchFileException e) {
            throw new DataException(folder, "nothing", "a folder of token shards");
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": " + e.getMessage(), e);
        }
    }

    private static Tokens open(Path file, Opener opener) {
        if (Files.isDirectory(file)) {
            throw new DataException(file, "a folder", "a file of text or tokens");
        }
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() == 0) {
                throw new DataException(file, 0, "the end (the file is empty)", "at least one token");
            }
            return opener.open(channel);
        } catch (NoSuchFileException e) {
            throw new DataException(file, "no such file", "a file of text or tokens");
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    @FunctionalInterface
    private interface Opener {
        Tokens open(FileChannel channel) throws IOException;
    }
}
