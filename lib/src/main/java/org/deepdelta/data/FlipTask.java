package org.deepdelta.data;

import java.util.Arrays;
import org.deepdelta.tensor.Rng;

/**
 * A task that needs an operation across depth: move a symbol along a cycle, once each time the block is applied.
 *
 * <p>A sequence spells a cycle of c different symbols out of m, then asks for q symbols: {@code a_1 ... a_c s_1 ... s_q}.
 * The model is one block with tied weights, applied R times; the right answer at s_j is sigma^R(s_j), where sigma sends
 * a_1 to a_2, ..., a_c to a_1 and every other symbol to itself. R is written nowhere in the sequence: only the number of
 * applications carries it. A model trained with R up to some limit is tested beyond it.
 *
 * <p><b>The operation.</b> One round of a swap (c = 2) is the reflection I - 2 k k' with k = (e_a - e_b) / sqrt(2): the
 * Delta operator at beta = 2, exactly. A cycle of c symbols is a product of c - 1 reflections, so a block of two sublayers
 * can turn three symbols (c = 3), as two reflections make a rotation. <b>Known optimum</b>: loss 0 at every R, for all
 * cycles with one rule; what the write needs to know is only where to look (attention fetches e_a and e_b, k is linear
 * in them), not which symbol the stream holds.
 *
 * <p><b>Why attention alone, or addition, does not do it cheaply.</b> Every round sees the same cycle at the same places, so
 * what attention fetches is the same in every round. A write h that depends on the cycle alone gives x + R h, and a swap
 * asks that rounds 0 and 2 agree: h = 0. So under addition the sublayer must compute (sigma - I) x from the cycle
 * <em>and</em> the symbol that the stream holds, a product of the two that the residual rule does not supply: a table with
 * an entry for each pair of symbols, whose errors may add up over R. A reflection keeps lengths.
 *
 * <p><b>Difficulty</b>: m, c, and R beyond training. One cycle in eight, chosen by the seed, never occurs in training
 * ({@link #heldOut}): a table cannot know it. Half of the queries (drawn one by one) are symbols of the cycle, the rest are
 * others, so that answering "unchanged" scores 1/2 whenever c does not divide R, and guessing 1/m.
 *
 * <p>Tokens: symbol s as the r-th of the cycle is r m + s, as a query or an answer c m + s; thus the task needs no notion of
 * position. Targets are {@link Batch#IGNORED} on the cycle.
 *
 * @param symbols m, more than c
 * @param cycle c, at least 2
 * @param queries q, at least 1
 * @param seed chooses the cycles that are held out, and the batches
 */
public record FlipTask(int symbols, int cycle, int queries, long seed) {
    /** What a token is in its row. */
    public enum Role {
        /** Spells the cycle. */
        NAMES,
        /** Asks for a symbol of the cycle. */
        MOVED,
        /** Asks for another symbol. */
        STILL
    }

    private static final long HELD = 1;
    private static final long CYCLE = 2;
    private static final long QUERY = 3;
    private static final long ROUNDS = 4;

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException naming the one that is out of range
     */
    public FlipTask {
        if (cycle < 2 || symbols <= cycle || queries < 1) {
            throw new IllegalArgumentException("symbols " + symbols + ", cycle " + cycle + ", queries " + queries
                    + "; expected cycle of at least 2, more symbols than that, and at least one query");
        }
    }

    /**
     * Tokens a row.
     *
     * @return c + q
     */
    public int length() {
        return cycle + queries;
    }

    /**
     * The number of different tokens.
     *
     * @return (c + 1) m
     */
    public int vocabulary() {
        return (cycle + 1) * symbols;
    }

    /**
     * How often training applies the block at a position.
     *
     * @param position number of the batch
     * @param most the largest number of rounds in training
     * @return uniform over 1 to {@code most}, a function of seed and position
     */
    public int rounds(long position, int most) {
        return 1 + (int) stream(ROUNDS).below(position, most);
    }

    /**
     * Batches with the cycles of training.
     *
     * @param B rows
     * @param rounds R of the answers, 0 or more
     * @return the batches, [B, c + q] each; at one position the same questions for every R
     */
    public Batches training(int B, int rounds) {
        return position -> batch(position, B, rounds, false);
    }

    /**
     * Batches with cycles that training never shows.
     *
     * @param B rows
     * @param rounds R of the answers, 0 or more
     * @return the batches, [B, c + q] each; at one position the same questions for every R; they throw
     *     IllegalStateException if, with few symbols, the seed happens to hold out no cycle
     */
    public Batches heldOut(int B, int rounds) {
        return position -> batch(position, B, rounds, true);
    }

    /**
     * What a token is.
     *
     * @param batch of this task
     * @param i its index in the batch, row after row
     */
    public Role role(Batch batch, int i) {
        int row = i / length() * length();
        if (i - row < cycle) {
            return Role.NAMES;
        }
        int asked = batch.ids()[i] - cycle * symbols;
        for (int r = 0; r < cycle; r++) {
            if (batch.ids()[row + r] - r * symbols == asked) {
                return Role.MOVED;
            }
        }
        return Role.STILL;
    }

    /**
     * The token that asks for a symbol of a row's cycle, or answers with it.
     *
     * @param batch of this task
     * @param row number of the row
     * @param r which of the cycle's symbols, from 0
     */
    public int query(Batch batch, int row, int r) {
        return (cycle - r) * symbols + batch.ids()[row * length() + r];
    }

    private Batch batch(long position, int B, int rounds, boolean held) {
        int[] ids = new int[B * length()];
        int[] targets = new int[B * length()];
        Arrays.fill(targets, Batch.IGNORED);
        for (int b = 0; b < B; b++) {
            int[] order = cycle(position, b, held);
            int row = b * length();
            for (int r = 0; r < cycle; r++) {
                ids[row + r] = r * symbols + order[r];
            }
            for (int j = 0; j < queries; j++) {
                boolean moved = draw(2, QUERY, position, b, held, 2L * j) == 0;
                int from = moved ? 0 : cycle;
                int among = moved ? cycle : symbols - cycle;
                int place = from + draw(among, QUERY, position, b, held, 2L * j + 1);
                int after = moved ? (place + rounds % cycle) % cycle : place;
                ids[row + cycle + j] = cycle * symbols + order[place];
                targets[row + cycle + j] = cycle * symbols + order[after];
            }
        }
        return new Batch(B, length(), ids, targets);
    }

    /** A permutation of the symbols whose first c are the cycle; redrawn until it is on the right side of the split. */
    private int[] cycle(long position, int b, boolean held) {
        int[] order = new int[symbols];
        for (long attempt = 0; attempt < 1000; attempt++) {
            for (int i = 0; i < symbols; i++) {
                int j = draw(i + 1, CYCLE, position, b, held, attempt * symbols + i);
                order[i] = order[j];
                order[j] = i;
            }
            if (isHeldOut(order) == held) {
                return order;
            }
        }
        throw new IllegalStateException(this + " has no cycle " + (held ? "held out" : "to train on")
                + ": expected more symbols, or another seed");
    }

    /** Decided by the cycle as such: (a b c) and (b c a) are one. */
    private boolean isHeldOut(int[] order) {
        int first = 0;
        for (int i = 1; i < cycle; i++) {
            first = order[i] < order[first] ? i : first;
        }
        Rng name = stream(HELD);
        for (int i = 0; i < cycle; i++) {
            name = name.at(order[(first + i) % cycle]);
        }
        return name.below(0, 8) == 0;
    }

    private int draw(int bound, long what, long position, int b, boolean held, long counter) {
        return (int) stream(what).at(position).at(b).at(held ? 1 : 0).below(counter, bound);
    }

    private Rng stream(long what) {
        return Rng.of(seed, "flip").at(what);
    }
}
