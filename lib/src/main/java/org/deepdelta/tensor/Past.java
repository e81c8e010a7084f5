package org.deepdelta.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a model remembers of earlier tokens while it generates text: keys and values of attention, the last rows that a convolution over
 * time still needs. A {@link Tape#generating} tape reads and extends it through {@link Tape#causal} and {@link Tape#grow}. Each place in
 * the forward pass has its own memory, told apart by the order of the calls, which is the same for every step; a place never needs a name, and
 * a stack that applies its blocks several times has a memory for each time.
 *
 * <p>Steps are made of one or more tokens, all rows of the batch in step. After each, {@link #advance} moves the position.
 */
public final class Past {
    private final Device device;
    private final List<Kept> places = new ArrayList<>();
    private long position;

    /** Nothing remembered, at position 0. */
    public Past(Device device) {
        this.device = device;
    }

    /** Tokens so far: the position of the next one. */
    public long position() {
        return position;
    }

    /** Ends a step of that many tokens. */
    public void advance(long tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException("advance: expected at least one token, got " + tokens);
        }
        position += tokens;
    }

    /** The {@code rows} rows of axis 1 before x, zeros before the first token, then x; the last rows are kept for the next step. */
    Tensor window(Tape t, int place, Tensor x, int rows) {
        long[] sizes = x.shape().toArray();
        sizes[1] = rows;
        Tensor before = place < places.size()
                ? places.get(place).tensor
                : device.allocate(Spec.of(x.type(), Shape.of(sizes))); // zeros
        expect(before, sizes, rows);
        Tensor window = t.concat(1, before, t.store(x, false));
        long end = window.shape().axis(1);
        device.copy(t.slice(window, 1, end - rows, end), before);
        keep(place, new Kept(before, before));
        return window;
    }

    /** Everything that came to this place so far along axis 1, x included. */
    Tensor grow(Tape t, int place, Tensor x) {
        Tensor all = t.store(x, false);
        Tensor buffer = null;
        if (place < places.size()) {
            Kept kept = places.get(place);
            buffer = kept.buffer;
            expect(kept.tensor, x.shape().toArray(), position);
            all = t.concat(1, kept.tensor, all);
        }
        if (buffer == null || buffer.size() < all.size()) {
            buffer = device.allocate(Spec.of(x.type(), Shape.of(2 * all.size())));
        }
        Tensor kept = buffer.part(0, all.shape());
        device.copy(all, kept);
        keep(place, new Kept(kept, buffer));
        return all;
    }

    private void keep(int place, Kept kept) {
        if (place < places.size()) {
            places.set(place, kept);
        } else {
            places.add(kept);
        }
    }

    /** A step must be like the ones before it in everything but the number of its tokens. */
    private static void expect(Tensor kept, long[] sizes, long rows) {
        long[] expected = sizes.clone();
        expected[1] = rows;
        if (!Arrays.equals(expected, kept.shape().toArray())) {
            throw new IllegalArgumentException(
                    "past: a step of " + Shape.of(sizes) + " does not continue one that left " + kept.shape()
                            + " at this place: expected the same batch, model and order of calls");
        }
    }

    private record Kept(Tensor tensor, Tensor buffer) {}
}
