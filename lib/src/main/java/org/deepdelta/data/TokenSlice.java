package org.deepdelta.data;

import java.util.Objects;

/** Tokens {@code from} to {@code from + size - 1} of another sequence. */
record TokenSlice(Tokens whole, long from, long size) implements Tokens {

    TokenSlice {
        Objects.checkFromIndexSize(from, size, whole.size());
    }

    @Override
    public void copy(long first, int[] to, int offset, int length) {
        Objects.checkFromIndexSize(first, length, size);
        whole.copy(from + first, to, offset, length);
    }
}
