package org.deepdelta.data;

import java.util.Arrays;
import java.util.Iterator;
import org.deepdelta.tensor.Rng;

/**
 * The batches of a training run: a function from a batch's number to the batch. It has no state, so every variant of a
 * comparison that starts at 0 sees the same data in the same order, and the number is all that a checkpoint saves.
 */
@FunctionalInterface
public interface Batches {

    /**
     * Batch number {@code position}.
     *
     * @param position 0, 1, 2, ...
     * @return the batch, always the same for the same number
     */
    Batch batch(long position);

    /**
     * Sequential blocks of B x T + 1 tokens, as in llm.c: block i starts at token i B T, its rows follow each other,
     * targets are the tokens shifted by one. After the last whole block it starts over. For data in random order
     * already, or batches of many documents.
     *
     * @param tokens the data
     * @param B rows
     * @param T tokens a row
     * @return the batches
     * @throws IllegalArgumentException if there are fewer than B x T + 1 tokens
     */
    static Batches sequential(Tokens tokens, int B, int T) {
        int area = Math.multiplyExact(B, T);
        require(tokens, area + 1L);
        long blocks = (tokens.size() - 1) / area;
        return position -> {
            int[] block = new int[area + 1];
            tokens.copy(Math.floorMod(position, blocks) * area, block, 0, block.length);
            return new Batch(B, T, Arrays.copyOf(block, area), Arrays.copyOfRange(block, 1, area + 1));
        };
    }

    /**
     * Rows of T + 1 tokens from anywhere, each start drawn uniformly from the seed, the batch's number and the row: for
     * small corpora, where the rows of a sequential block would come from one document.
     *
     * @param tokens the data
     * @param B rows
     * @param T tokens a row
     * @param seed chooses the order
     * @return the batches
     * @throws IllegalArgumentException if there are fewer than T + 1 tokens
     */
    static Batches random(Tokens tokens, int B, int T, long seed) {
        require(tokens, T + 1L);
        Rng starts = Rng.of(seed, "batches");
        return position -> {
            int[] ids = new int[B * T];
            int[] targets = new int[B * T];
            for (int b = 0; b < B; b++) {
                long start = starts.at(position).below(b, tokens.size() - T);
                tokens.copy(start, ids, b * T, T);
                tokens.copy(start + 1, targets, b * T, T);
            }
            return new Batch(B, T, ids, targets);
        };
    }

    /**
     * A whole validation set, once: rows of T tokens one after the other, every token but the first a target exactly once.
     * The last row, and the last batch, are filled up with token 0 and targets of {@link Batch#IGNORED}; so the mean loss
     * over all that count does not depend on B.
     *
     * @param tokens the data
     * @param B rows
     * @param T tokens a row
     * @return the batches in order, read as they are asked for
     * @throws IllegalArgumentException if there are fewer than 2 tokens
     */
    static Iterable<Batch> whole(Tokens tokens, int B, int T) {
        require(tokens, 2);
        int area = Math.multiplyExact(B, T);
        long scored = tokens.size() - 1;
        return () -> new Iterator<>() {
            private long next;

            @Override
            public boolean hasNext() {
                return next < scored;
            }

            @Override
            public Batch next() {
                int count = (int) Math.min(area, scored - next);
                int[] ids = new int[area];
                int[] targets = new int[area];
                Arrays.fill(targets, count, area, Batch.IGNORED);
                tokens.copy(next, ids, 0, count);
                tokens.copy(next + 1, targets, 0, count);
                next += count;
                return new Batch(B, T, ids, targets);
            }
        };
    }

    private static void require(Tokens tokens, long least) {
        if (tokens.size() < least) {
            throw new IllegalArgumentException("a corpus of " + tokens.size() + " tokens, expected at least " + least);
        }
    }
}
