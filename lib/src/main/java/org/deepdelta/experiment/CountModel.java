package org.deepdelta.experiment;

import java.util.Arrays;
import org.deepdelta.data.Tokenizer;
import org.deepdelta.data.Tokens;

/**
 * What counting alone knows: a model of the next byte from the {@value #ORDER} bytes before it, to be printed beside every trained model.
 * Contexts of length n = 0 to {@value #ORDER} are interpolated as Witten and Bell (1991) do:
 *
 * <pre>
 *   p_n(c | h) = (N(h c) + D(h) p_{n-1}(c | h')) / (N(h) + D(h)),    p_{-1}(c) = 1/256
 * </pre>
 *
 * <p>with N(h c) how often c followed the n bytes h in training, N(h) the sum over c, D(h) the number of different c, and h' without its
 * first byte. A context that was never seen gives p_n = p_{n-1}. It learns nothing while it scores.
 *
 * <p><b>Memory</b>: at most 4,194,304 different h c are kept, in about 120 MB (half as much again while they grow); those that first occur after that are not counted (the probabilities still sum to one), and {@link #isFull} says so.
 */
public final class CountModel {
    /** Bytes of context. */
    public static final int ORDER = 4;

    private static final int LIMIT = 1 << 22;
    private static final int ROOT = 0;
    private static final int NONE = -1;
    private static final int BYTES = 256;
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    private final int limit;
    private int size = 1;
    private long[] keys = new long[1 << 10];
    private int[] counts = new int[1 << 10];
    private int[] totals = new int[1 << 10];
    private int[] distinct = new int[1 << 10];
    private int[] slots = new int[1 << 11];
    private boolean full;

    /**
     * The score of a text.
     *
     * @param bytes scored
     * @param bits -log2 of their probability
     */
    public record Score(long bytes, double bits) {

        /** Bits per byte. */
        public double bitsPerByte() {
            return bits / bytes;
        }
    }

    /** A model that has seen nothing: every byte has the probability 1/256. */
    public CountModel() {
        this(LIMIT);
    }

    CountModel(int limit) {
        this.limit = limit;
        keys[ROOT] = 1;
    }

    /**
     * Counts a text, to what was counted before; contexts do not reach across texts.
     *
     * @param text its tokens
     * @param tokenizer what they stand for
     * @return this model
     * @throws IllegalArgumentException if more than 2^31 - 1 bytes were counted
     */
    public CountModel count(Tokens text, Tokenizer tokenizer) {
        int[] contexts = contexts();
        TextBytes.forEach(text, tokenizer, (c, token) -> {
            if (totals[ROOT] == Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "text: expected at most " + Integer.MAX_VALUE + " bytes to count, got more");
            }
            for (int n = ORDER; n >= 0; n--) {
                int gram = contexts[n] == NONE ? NONE : seen(contexts[n], c);
                if (n < ORDER) {
                    contexts[n + 1] = gram;
                }
            }
        });
        return this;
    }

    /**
     * The probability of a byte.
     *
     * @param before the bytes before it; only the last {@value #ORDER} matter
     * @param c the byte, 0 to 255
     * @return more than 0
     */
    public double probability(byte[] before, int c) {
        int[] contexts = contexts();
        for (int i = Math.max(0, before.length - ORDER); i < before.length; i++) {
            advance(contexts, before[i] & 0xFF);
        }
        return probability(contexts, c);
    }

    /**
     * Scores all tokens of a text but the first, as a language model's loss does; the first is context.
     *
     * @param text its tokens
     * @param tokenizer what they stand for
     * @return bytes and bits
     */
    public Score score(Tokens text, Tokenizer tokenizer) {
        int[] contexts = contexts();
        long[] bytes = new long[1];
        double[] nats = new double[1];
        TextBytes.forEach(text, tokenizer, (c, token) -> {
            if (token > 0) {
                nats[0] -= StrictMath.log(probability(contexts, c));
                bytes[0]++;
            }
            advance(contexts, c);
        });
        return new Score(bytes[0], nats[0] / StrictMath.log(2));
    }

    /** Whether something was not counted for want of room. */
    public boolean isFull() {
        return full;
    }

    /** The entries of the last 0, 1, ... {@value #ORDER} bytes, where there are any. */
    private static int[] contexts() {
        return new int[] {ROOT, NONE, NONE, NONE, NONE};
    }

    private double probability(int[] contexts, int c) {
        double p = 1.0 / BYTES;
        for (int n = 0; n <= ORDER; n++) {
            int context = contexts[n];
            if (context != NONE && totals[context] > 0) {
                int gram = find(context, c);
                double count = gram == NONE ? 0 : counts[gram];
                p = (count + distinct[context] * p) / ((double) totals[context] + distinct[context]);
            }
        }
        return p;
    }

    private void advance(int[] contexts, int c) {
        for (int n = ORDER - 1; n >= 0; n--) {
            contexts[n + 1] = contexts[n] == NONE ? NONE : find(contexts[n], c);
        }
    }

    private int find(int context, int c) {
        int entry = slots[slot(keys[context] << 8 | c)];
        return entry == ROOT ? NONE : entry;
    }

    /** The entry of context and byte, counted once more; NONE if there is no room for it. */
    private int seen(int context, int c) {
        long key = keys[context] << 8 | c;
        int slot = slot(key);
        int entry = slots[slot];
        if (entry == ROOT) {
            if (size == limit) {
                full = true;
                return NONE;
            }
            entry = size++;
            keys[entry] = key;
            slots[slot] = entry;
            distinct[context]++;
            grow();
        }
        counts[entry]++;
        totals[context]++;
        return entry;
    }

    /** Where a key is, or would be. Keys begin with a 1, so that contexts of different lengths differ; the root is nowhere. */
    private int slot(long key) {
        int slot = (int) (key * SPREAD >>> Integer.SIZE) & (slots.length - 1);
        while (slots[slot] != ROOT && keys[slots[slot]] != key) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private void grow() {
        if (size < keys.length || size == limit) {
            return;
        }
        int larger = 2 * keys.length;
        keys = Arrays.copyOf(keys, larger);
        counts = Arrays.copyOf(counts, larger);
        totals = Arrays.copyOf(totals, larger);
        distinct = Arrays.copyOf(distinct, larger);
        slots = new int[2 * larger];
        for (int entry = 1; entry < size; entry++) {
            slots[slot(keys[entry])] = entry;
        }
    }
}
