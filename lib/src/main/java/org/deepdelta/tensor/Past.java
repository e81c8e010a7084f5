package org.deepdelta.tensor;

import java.util.ArrayList;
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

    /** Bytes of all that is remembered; the buffers that it lies in may be longer. */
    public long bytes() {
        return places.stream().mapToLong(k -> spec(k.buffer, k.rows).bytes()).sum();
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
        expect(place, x, rows);
        Tensor before = place < places.size() ? places.get(place).buffer : allocate(x, rows); // zeros
        Tensor window = t.concat(1, before, t.store(x, false));
        long end = window.shape().axis(1);
        device.copy(t.slice(window, 1, end - rows, end), before);
        keep(place, new Kept(before, rows));
        return window;
    }

    /**
     * Everything that came to this place so far along axis 1, x included. A single sequence is seen where it is kept; several, whose rows
     * stand apart there, are copied together.
     */
    Tensor grow(Tape t, int place, Tensor x) {
        expect(place, x, position);
        Tensor step = t.store(x, false);
        long before = place < places.size() ? places.get(place).rows : 0;
        long rows = before + step.shape().axis(1);
        Tensor buffer = room(place, x, rows);
        long batch = x.shape().axis(0);
        Tensor all = batch == 1 ? null : t.allocate(spec(x, rows));
        for (long b = 0; b < batch; b++) {
            device.copy(rows(step, b, 0, rows - before), rows(buffer, b, before, rows));
            if (all != null) {
                device.copy(rows(buffer, b, 0, rows), rows(all, b, 0, rows));
            }
        }
        keep(place, new Kept(buffer, rows));
        return all != null ? all : buffer.part(0, spec(x, rows).shape());
    }

    /** The buffer of a place with room for that many rows; a new one, twice as long, if the old one is too small. */
    private Tensor room(int place, Tensor x, long rows) {
        if (place == places.size()) {
            return allocate(x, 2 * rows);
        }
        Kept kept = places.get(place);
        if (kept.buffer.shape().axis(1) >= rows) {
            return kept.buffer;
        }
        Tensor larger = allocate(x, 2 * rows);
        for (long b = 0; b < x.shape().axis(0); b++) {
            device.copy(rows(kept.buffer, b, 0, kept.rows), rows(larger, b, 0, kept.rows));
        }
        return larger;
    }

    private Tensor allocate(Tensor x, long rows) {
        return device.allocate(spec(x, rows));
    }

    /** As x, with another number of rows along axis 1. */
    private static Spec spec(Tensor x, long rows) {
        long[] sizes = x.shape().toArray();
        sizes[1] = rows;
        return Spec.of(x.type(), Shape.of(sizes));
    }

    /** Consecutive rows along axis 1 of one sequence, as a matrix. */
    private static Tensor rows(Tensor x, long sequence, long from, long to) {
        long length = x.shape().axis(1);
        long width = x.size() / (x.shape().axis(0) * length);
        return x.part((sequence * length + from) * width, Shape.of(to - from, width));
    }

    private void keep(int place, Kept kept) {
        if (place < places.size()) {
            places.set(place, kept);
        } else {
            places.add(kept);
        }
    }

    /** A step must be like the ones before it in everything but the number of its tokens. */
    private void expect(int place, Tensor x, long rows) {
        Shape shape = x.shape();
        if (shape.rank() < 2 || shape.size() == 0) {
            throw new IllegalArgumentException("past: expected at least one token in [B, T, ...], got " + shape);
        }
        if (place == places.size()) {
            if (position > 0) {
                throw new IllegalArgumentException("past: a step at position " + position + " brings " + x.spec()
                        + " to a new place: expected the calls of the steps before, one tape a step");
            }
            return;
        }
        Kept kept = places.get(place);
        Spec left = spec(kept.buffer, kept.rows);
        if (!left.equals(spec(x, rows))) {
            throw new IllegalArgumentException("past: a step of " + x.spec() + " at position " + position
                    + " does not continue one that left " + left
                    + " at this place: expected the same batch, model and order of calls, and advance after each");
        }
    }

    /**
     * What a place remembers.
     *
     * @param buffer {@code [B, capacity, ...]}
     * @param rows how many of axis 1 are in use
     */
    private record Kept(Tensor buffer, long rows) {}
}
