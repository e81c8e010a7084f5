package org.deepdelta.data;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Several sequences, one after the other. */
final class JoinedTokens implements Tokens {
    private final List<Tokens> parts;
    private final long[] starts;
    private final long size;

    JoinedTokens(List<? extends Tokens> parts) {
        this.parts = List.copyOf(parts);
        starts = new long[parts.size()];
        long end = 0;
        for (int i = 0; i < starts.length; i++) {
            starts[i] = end;
            end += parts.get(i).size();
        }
        size = end;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void copy(long from, int[] to, int offset, int length) {
        Objects.checkFromIndexSize(from, length, size);
        Objects.checkFromIndexSize(offset, length, to.length);
        int part = Arrays.binarySearch(starts, from);
        part = part < 0 ? -part - 2 : part;
        for (int done = 0; done < length; part++) {
            long first = from + done - starts[part];
            int count = (int) Math.min(length - done, parts.get(part).size() - first);
            parts.get(part).copy(first, to, offset + done, count);
            done += count;
        }
    }
}
