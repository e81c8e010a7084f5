package org.deepdelta.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Questions of HellaSwag (Zellers et al. 2019), a context and four endings of which one is right, in llm.c's format, little-endian: a
 * header of 256 int32 {20240522, 1, examples, bytes of the longest example, 0, ...}, then for each example uint16 numbers: 65535, its
 * bytes (these two numbers included), its index, the label, 4, the context's length, the context, and four times an ending's length and
 * the ending.
 *
 * <p>The validation set, {@code hellaswag_val.bin} with 10,042 examples in GPT-2's tokens, is made by llm.c's {@code dev/data/hellaswag.py},
 * which fetches it. A score on these files is llm.c's, <b>not comparable</b> with that of
 * lm-evaluation-harness, which builds its contexts otherwise (GPT-2 124M: 29.55 % here, 31.14 % there).
 */
public final class HellaSwag {
    private static final int MAGIC = 20240522;
    private static final int VERSION = 1;
    private static final int HEADER = 1024;
    private static final int START = 0xFFFF;
    private static final int ENDINGS = 4;
    private static final int FIELDS = 6;

    private HellaSwag() {}

    /**
     * A question.
     *
     * @param context tokens, at least one
     * @param endings four, of at least one token
     * @param label index of the right one
     */
    public record Example(int[] context, List<int[]> endings, int label) {

        /**
         * Keeps the arrays.
         *
         * @throws IllegalArgumentException if something is empty or there are not four endings
         */
        public Example {
            endings = List.copyOf(endings);
            if (context.length == 0
                    || endings.size() != ENDINGS
                    || endings.stream().anyMatch(e -> e.length == 0)) {
                throw new IllegalArgumentException("expected a context and " + ENDINGS + " endings, none empty, got "
                        + context.length + " tokens and endings of "
                        + endings.stream().map(e -> e.length).toList());
            }
            if (label < 0 || label >= ENDINGS) {
                throw new IllegalArgumentException("label: expected 0 to " + (ENDINGS - 1) + ", got " + label);
            }
        }
    }

    /**
     * Reads a file.
     *
     * @param file such as {@code hellaswag_val.bin}
     * @param vocabulary tokens must be below it
     * @return its questions
     * @throws DataException if it is missing, with where to get it, or not whole or of another format, naming the byte
     * @throws UncheckedIOException if it cannot be read
     */
    public static List<Example> read(Path file, int vocabulary) {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            if (size < HEADER || size > Integer.MAX_VALUE) {
                throw new DataException(file, size, "the end", "a header of " + HEADER + " bytes, and at most 2 GiB");
            }
            ByteBuffer bytes =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, size).order(ByteOrder.LITTLE_ENDIAN);
            return new Reader(file, bytes, vocabulary).examples();
        } catch (NoSuchFileException e) {
            throw new DataException(
                    file,
                    "no such file",
                    "HellaSwag's questions as tokens: hellaswag_val.bin, made by llm.c's dev/data/hellaswag.py");
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Writes a file, as {@link #read} reads it.
     *
     * @param file to be written, under another name until it is whole
     * @param examples at most 65,535, each at most 65,534 bytes long
     * @throws IllegalArgumentException if a number does not fit
     * @throws UncheckedIOException if it cannot be written
     */
    public static void write(Path file, List<Example> examples) {
        int longest = 0;
        int total = HEADER;
        for (Example example : examples) {
            longest = Math.max(longest, bytes(example));
            total = Math.addExact(total, bytes(example));
        }
        if (examples.isEmpty() || examples.size() >= START || longest >= START) {
            throw new IllegalArgumentException("expected 1 to " + (START - 1) + " examples of at most " + (START - 1)
                    + " bytes, got " + examples.size() + ", the longest of " + longest);
        }
        ByteBuffer bytes = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(MAGIC)
                .putInt(VERSION)
                .putInt(examples.size())
                .putInt(longest)
                .position(HEADER);
        for (int i = 0; i < examples.size(); i++) {
            Example example = examples.get(i);
            put(bytes, START, bytes(example), i, example.label(), ENDINGS, example.context().length);
            put(bytes, example.context());
            for (int[] ending : example.endings()) {
                put(bytes, ending.length);
                put(bytes, ending);
            }
        }
        Path underWay = file.resolveSibling(file.getFileName() + ".tmp");
        try (FileChannel channel = FileChannel.open(
                underWay, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            bytes.flip();
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            Files.move(underWay, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int bytes(Example example) {
        long numbers = FIELDS + example.context().length;
        for (int[] ending : example.endings()) {
            numbers += 1 + ending.length;
        }
        return Math.toIntExact(Short.BYTES * numbers);
    }

    private static void put(ByteBuffer bytes, int... numbers) {
        for (int number : numbers) {
            if (number < 0 || number > START) {
                throw new IllegalArgumentException("token: expected 0 to " + START + ", got " + number);
            }
            bytes.putShort((short) number);
        }
    }

    /** Goes through a file; every length is checked against what is left of its example before anything is made of it. */
    private static final class Reader {
        private final Path file;
        private final ByteBuffer bytes;
        private final int vocabulary;
        private int end;

        Reader(Path file, ByteBuffer bytes, int vocabulary) {
            this.file = file;
            this.bytes = bytes;
            this.vocabulary = vocabulary;
        }

        List<Example> examples() {
            word(0, MAGIC, ", with which llm.c's evaluation files begin");
            word(1, VERSION, "");
            int count = bytes.getInt(2 * Integer.BYTES);
            int longest = bytes.getInt(3 * Integer.BYTES);
            bytes.position(HEADER);
            List<Example> examples = new ArrayList<>();
            int seen = 0;
            while (bytes.hasRemaining()) {
                int start = bytes.position();
                examples.add(example(examples.size()));
                seen = Math.max(seen, bytes.position() - start);
            }
            if (examples.size() != count || count == 0) {
                throw new DataException(
                        file, 8, "a promise of " + count + " examples", examples.size() + ", at least 1");
            }
            if (seen != longest) {
                throw new DataException(file, 12, "a longest example of " + longest + " bytes", seen + " bytes");
            }
            return examples;
        }

        private void word(int index, int expected, String meaning) {
            int found = bytes.getInt(index * Integer.BYTES);
            if (found != expected) {
                throw new DataException(
                        file, index * Integer.BYTES, "the word " + found, "the word " + expected + meaning);
            }
        }

        private Example example(int index) {
            int start = bytes.position();
            end = Math.min(bytes.capacity(), start + FIELDS * Short.BYTES);
            number("the start of example " + index, START, START);
            int size = number("the bytes of example " + index, FIELDS * Short.BYTES, bytes.capacity() - start);
            end = start + size;
            number("the index", index, index);
            int label = number("the label", 0, ENDINGS - 1);
            number("the number of endings", ENDINGS, ENDINGS);
            int[] context = tokens("the context");
            List<int[]> endings = new ArrayList<>();
            for (int i = 0; i < ENDINGS; i++) {
                endings.add(tokens("ending " + i));
            }
            if (bytes.position() != end) {
                throw new DataException(
                        file, bytes.position(), "more of example " + index, "its end after " + size + " bytes");
            }
            return new Example(context, endings, label);
        }

        private int[] tokens(String what) {
            int length = number("the length of " + what, 1, (end - bytes.position()) / Short.BYTES - 1);
            int[] tokens = new int[length];
            for (int i = 0; i < length; i++) {
                tokens[i] = number("token", 0, vocabulary - 1);
            }
            return tokens;
        }

        private int number(String what, int least, int most) {
            int at = bytes.position();
            if (end - at < Short.BYTES) {
                throw new DataException(file, at, "the end", what);
            }
            int number = bytes.getShort() & 0xFFFF;
            if (number < least || number > most) {
                throw new DataException(
                        file, at, number + " as " + what, least == most ? "" + least : least + " to " + most);
            }
            return number;
        }
    }
}
