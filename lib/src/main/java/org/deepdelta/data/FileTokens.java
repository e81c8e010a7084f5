package org.deepdelta.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Tokens of one or two bytes, little-endian, behind a header of a mapped file. A mapping is at most 2 GB, so the file is
 * mapped in pieces of 1 GiB, which no token straddles.
 */
final class FileTokens implements Tokens {
    private static final int PIECE_BITS = 30;
    private static final int IN_PIECE = (1 << PIECE_BITS) - 1;

    private final Path file;
    private final long header;
    private final int width;
    private final int vocabulary;
    private final long size;
    private final ByteBuffer[] pieces;

    FileTokens(Path file, FileChannel channel, long header, int width, int vocabulary) throws IOException {
        this.file = file;
        this.header = header;
        this.width = width;
        this.vocabulary = vocabulary;
        long bytes = channel.size() - header;
        size = bytes / width;
        pieces = new ByteBuffer[(int) ((bytes + IN_PIECE) >>> PIECE_BITS)];
        for (int i = 0; i < pieces.length; i++) {
            long start = (long) i << PIECE_BITS;
            pieces[i] = channel.map(
                            FileChannel.MapMode.READ_ONLY, header + start, Math.min(1L << PIECE_BITS, bytes - start))
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void copy(long from, int[] to, int offset, int length) {
        Objects.checkFromIndexSize(from, length, size);
        Objects.checkFromIndexSize(offset, length, to.length);
        for (int i = 0; i < length; i++) {
            long at = (from + i) * width;
            ByteBuffer piece = pieces[(int) (at >>> PIECE_BITS)];
            int in = (int) (at & IN_PIECE);
            int token = width == 1 ? piece.get(in) & 0xFF : piece.getShort(in) & 0xFFFF;
            if (token >= vocabulary) {
                throw new DataException(
                        file, header + at, "token " + token, "a token below the vocabulary " + vocabulary);
            }
            to[offset + i] = token;
        }
    }
}
