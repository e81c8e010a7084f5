package org.deepdelta.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Texts to make token shards of, each a document, read one at a time as they are asked for.
 *
 * @param name what shards call it
 * @param train texts to train on
 * @param validation texts that training never sees
 */
public record Documents(String name, Iterable<String> train, Iterable<String> validation) {
    private static final long MAX_BYTES = 1L << 28;
    private static final int RUN = 1 << 12;

    /**
     * One text file: up to the last line end in its first 95 % to train on (without one, up to a character), the rest to validate on.
     *
     * @param file in UTF-8, at most 256 MiB
     * @return two documents
     * @throws DataException if it is missing, too short, too large, or not UTF-8, naming the byte
     */
    public static Documents ofFile(Path file) {
        String text = read(file);
        int limit = text.length() - text.length() / 20;
        if (limit == text.length()) {
            throw new DataException(file, text.length() + " characters", "at least 20");
        }
        int cut = text.lastIndexOf('\n', limit - 1) + 1;
        if (cut == 0) {
            cut = Character.isLowSurrogate(text.charAt(limit)) ? limit - 1 : limit;
        }
        return new Documents(
                file.getFileName().toString().replaceAll("\\.[^.]*$", ""),
                List.of(text.substring(0, cut)),
                List.of(text.substring(cut)));
    }

    /**
     * The text files below a folder, each a document; hidden ones are left out. As in {@link JavaSources}, the split is decided by SHA-256
     * of a file's name (about 5 % validate; if none would, the first does) and the order by SHA-256 of its path below the folder.
     *
     * @param folder to be searched with all folders below
     * @param ending of the names of the files that count, such as {@code .txt}; empty for all
     * @return the files; each in UTF-8, at most 256 MiB, or reading it throws a {@link DataException} that names it
     * @throws DataException if there are fewer than two files
     * @throws UncheckedIOException if the folder cannot be read
     */
    public static Documents ofFolder(Path folder, String ending) {
        TreeMap<String, Path> train = new TreeMap<>();
        TreeMap<String, Path> validation = new TreeMap<>();
        for (Path file : files(folder, ending)) {
            boolean held = Digests.held(file.getFileName().toString());
            String path = folder.relativize(file).toString().replace('\\', '/');
            (held ? validation : train).put(Digests.order(path), file);
        }
        if (train.size() + validation.size() < 2) {
            throw new DataException(
                    folder,
                    train.size() + validation.size() + " files" + (ending.isEmpty() ? "" : " ending in " + ending),
                    "at least two text files, some to train and some to validate on");
        }
        TreeMap<String, Path> from = train.isEmpty() ? validation : train;
        TreeMap<String, Path> to = train.isEmpty() ? train : validation;
        if (to.isEmpty()) {
            to.put(from.firstKey(), from.remove(from.firstKey()));
        }
        return new Documents(
                folder.toAbsolutePath().normalize().getFileName().toString(), texts(train), texts(validation));
    }

    /**
     * The documents of a corpus of bytes, in which each follows a zero.
     *
     * @param corpus such as {@link JavaSources#load}
     * @return its documents, split as it is
     */
    public static Documents of(Corpus corpus) {
        return new Documents(corpus.name(), split(corpus.train()), split(corpus.validation()));
    }

    private static List<Path> files(Path folder, String ending) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(f -> f.getFileName().toString().endsWith(ending)
                            && !hidden(folder.relativize(f))
                            && Files.isRegularFile(f))
                    .toList();
        } catch (NoSuchFileException e) {
            throw new DataException(folder, "nothing", "a folder of text files");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean hidden(Path path) {
        for (Path part : path) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    private static Iterable<String> texts(TreeMap<String, Path> files) {
        return () -> files.values().stream().map(Documents::read).iterator();
    }

    private static String read(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new DataException(file, size + " bytes", "at most " + MAX_BYTES + " a document: cut it in parts");
            }
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            return decode(file, bytes);
        } catch (NoSuchFileException e) {
            throw new DataException(file, "no such file", "a text file");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String decode(Path file, ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new DataException(file, bytes.position(), "no character of UTF-8", "a text file in UTF-8");
        }
    }

    private static Iterable<String> split(Tokens tokens) {
        return () -> new Iterator<>() {
            private long next;

            @Override
            public boolean hasNext() {
                return next < tokens.size();
            }

            @Override
            public String next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                ByteArrayOutputStream text = new ByteArrayOutputStream();
                int[] run = new int[RUN];
                long at = next + (tokens.at(next) == 0 ? 1 : 0);
                for (boolean ended = false; !ended && at < tokens.size(); ) {
                    int length = (int) Math.min(RUN, tokens.size() - at);
                    tokens.copy(at, run, 0, length);
                    int count = 0;
                    while (count < length && run[count] != 0) {
                        text.write(run[count++]);
                    }
                    at += count;
                    ended = count < length;
                }
                next = at;
                return text.toString(StandardCharsets.UTF_8);
            }
        };
    }
}
