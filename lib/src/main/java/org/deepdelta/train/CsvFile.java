package org.deepdelta.train;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A CSV file that grows by lines whose first column is a step. Every line is with the system when {@link #append} returns. Not a channel:
 * those are closed when their thread is interrupted.
 */
final class CsvFile implements AutoCloseable {
    private final RandomAccessFile out;
    private final List<String> kept = new ArrayList<>();

    /**
     * Opens or creates it and cuts off what comes after a step, and a last line without its end.
     *
     * @throws IOException if the file begins with another header, or a line does not begin with a step
     */
    CsvFile(Path file, String header, int lastStep) throws IOException {
        String text = Files.exists(file) ? ascii(file) : "";
        int end = text.indexOf('\n') + 1;
        if (end > 0 && !text.substring(0, end - 1).equals(header)) {
            throw new IOException(file + ": line 1: expected " + header + ", got " + text.substring(0, end - 1));
        }
        for (int next = text.indexOf('\n', end); next >= 0 && end > 0; next = text.indexOf('\n', end)) {
            String line = text.substring(end, next);
            if (step(file, line) > lastStep) {
                break;
            }
            kept.add(line);
            end = next + 1;
        }
        out = new RandomAccessFile(file.toFile(), "rw");
        out.setLength(end);
        out.seek(end);
        if (end == 0) {
            append(header);
        }
    }

    /** Characters are bytes. */
    private static String ascii(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        try {
            return StandardCharsets.US_ASCII.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": byte " + bytes.position() + ": expected a character of ASCII", e);
        }
    }

    private int step(Path file, String line) throws IOException {
        try {
            return step(line);
        } catch (NumberFormatException e) {
            throw new IOException(
                    file + ": line " + (kept.size() + 2) + ": expected a step and a comma, got " + line, e);
        }
    }

    /** The number that a line begins with. */
    static int step(String line) {
        return Integer.parseInt(line.substring(0, Math.max(0, line.indexOf(','))));
    }

    /** The lines that were there, without the header. */
    List<String> kept() {
        return kept;
    }

    void append(String line) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Waits until the disk has it. */
    void force() throws IOException {
        out.getFD().sync();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
