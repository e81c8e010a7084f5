package org.deepdelta.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;

/**
 * A read-only sequence of tokens of any length, in memory or in mapped files ({@link TokenFiles}). Safe to read from
 * several threads.
 */
public interface Tokens {

    /**
     * The number of tokens.
     *
     * @return the length of the sequence
     */
    long size();

    /**
     * One token.
     *
     * @param index 0 to {@link #size()} - 1
     * @return the token
     * @throws IndexOutOfBoundsException outside the sequence
     * @throws DataException if a file holds a token outside the vocabulary it was opened with
     */
    default int at(long index) {
        int[] one = new int[1];
        copy(index, one, 0, 1);
        return one[0];
    }

    /**
     * Copies a run of tokens.
     *
     * @param from index of the first token
     * @param to where they go
     * @param offset index of the first one in {@code to}
     * @param length how many
     * @throws IndexOutOfBoundsException if the run leaves the sequence or the array
     * @throws DataException if a file holds a token outside the vocabulary it was opened with
     */
    void copy(long from, int[] to, int offset, int length);

    /**
     * A part of the sequence, without copying it.
     *
     * @param from index of its first token
     * @param size its length
     * @return the part
     * @throws IndexOutOfBoundsException if the part leaves the sequence
     */
    default Tokens slice(long from, long size) {
        return new TokenSlice(this, from, size);
    }

    /**
     * A sequence held in memory, one byte a token (0 to 255).
     *
     * @param bytes the tokens; kept, not copied
     * @return the sequence
     */
    static Tokens of(byte[] bytes) {
        return new MemoryTokens(bytes);
    }

    /**
     * What results record about their data: SHA-256, in 16 hexadecimal digits, of the length and the tokens, each as
     * uint16. Beyond 2^26 tokens it reads 64 runs of 2^20, evenly spaced from the first token to the last.
     *
     * @return 16 hexadecimal digits
     */
    default String fingerprint() {
        int run = 1 << 20;
        long runs = Math.min((size() + run - 1) / run, 64);
        boolean whole = size() <= 64L * run;
        MessageDigest sha = Digests.sha256();
        sha.update(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(size())
                .flip());
        int[] tokens = new int[run];
        ByteBuffer bytes = ByteBuffer.allocate(2 * run).order(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < runs; i++) {
            long from = whole ? i * run : i * ((size() - run) / 63);
            int length = (int) Math.min(run, size() - from);
            copy(from, tokens, 0, length);
            bytes.clear();
            for (int j = 0; j < length; j++) {
                bytes.putShort((short) tokens[j]);
            }
            sha.update(bytes.flip());
        }
        return Digests.hex(sha.digest()).substring(0, 16);
    }
}
