package org.deepdelta.data;

import java.util.Objects;

/** Tokens in memory, one byte each. */
record MemoryTokens(byte[] bytes) implements Tokens {

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public void copy(long from, int[] to, int offset, int length) {
        Objects.checkFromIndexSize(from, length, size());
        Objects.checkFromIndexSize(offset, length, to.length);
        for (int i = 0; i < length; i++) {
            to[offset + i] = bytes[(int) from + i] & 0xFF;
        }
    }
}
