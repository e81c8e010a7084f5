package org.deepdelta.data;

import java.util.Arrays;
import org.deepdelta.tensor.Rng;

/**
 * A task that needs an operation across depth: walk through a memory, one look-up each time the block is applied.
 *
 * <p>A row spells a memory of m cells in random order, then asks for q symbols: {@code (a_1 pi(a_1)) ... (a_m pi(a_m)) s_1 ... s_q}, where pi is
 * one cycle through all m symbols. The model is one block with tied weights, applied R times; the right answer at s_j is pi^R(s_j). R is written
 * nowhere in the row: only the number of applications carries it. A model trained with R up to some limit is tested beyond it.
 *
 * <p><b>The operation.</b> The symbol that a stream holds is replaced by another, R times; what earlier ones left behind disturbs the next look-up.
 * For one stored vector u_a of fixed length the Delta rule replaces it by u_b with k along u_b - u_a, beta = 2 and v = 0, whatever the length of
 * h; or at beta = 1 along one direction (Eq. 2.3), in a state of dv columns for a content of dv numbers. Addition replaces it too: the cell that is fetched
 * names both symbols, so a linear value of attention can be u_b - u_a, if its length is right. So this task does <em>not</em> force what addition lacks; it
 * compares how errors build up, and what is found by training.
 *
 * <p><b>Why one round of attention cannot do it.</b> The look-ups depend on each other: a query that only the round before can form. Composing
 * pi with itself in the cells, which doubles the step of every further look-up, answers another question: each application must be one step.
 *
 * <p><b>Known optimum</b>: loss 0 at every R, from one rule for all memories.
 *
 * <p><b>Difficulty</b>: m, above all against d; R beyond training, as long as R is below m, where the walk is back at its start. Memories are drawn
 * afresh for each row, out of (m-1)! cycles, the test's apart from training's: from m = 12 on hardly any has occurred in training. Guessing scores 1/m.
 *
 * <p>Tokens: cell (a, pi(a)) is a m + pi(a), a symbol as question or answer m^2 + s. Targets are {@link Batch#IGNORED} on the cells.
 *
 * @param symbols m, at least 3
 * @param queries q, at least 1
 * @param seed chooses the batches
 */
public record WalkTask(int symbols, int queries, long seed) {
    private static final long MEMORY = 1;
    private static final long ORDER = 2;
    private static final long QUERY = 3;

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException naming the one that is out of range
     */
    public WalkTask {
        if (symbols < 3 || queries < 1) {
            throw new IllegalArgumentException(
                    "symbols " + symbols + ", queries " + queries + "; expected at least 3 symbols and one query");
        }
    }

    /**
     * Tokens a row.
     *
     * @return m + q
     */
    public int length() {
        return symbols + queries;
    }

    /**
     * The number of different tokens.
     *
     * @return m (m + 1)
     */
    public int vocabulary() {
        return symbols * (symbols + 1);
    }

    /**
     * Batches of training.
     *
     * @param B rows
     * @param rounds R of the answers, 0 or more
     * @return the batches, [B, m + q] each; at one position the same questions for every R
     */
    public Batches training(int B, int rounds) {
        return position -> batch(Rng.of(seed, "walk"), position, B, rounds);
    }

    /**
     * Batches with memories that are drawn apart from those of training.
     *
     * @param B rows
     * @param rounds R of the answers, 0 or more
     * @return the batches, [B, m + q] each; at one position the same questions for every R
     */
    public Batches test(int B, int rounds) {
        return position -> batch(Rng.of(seed, "walk test"), position, B, rounds);
    }

    private Batch batch(Rng rng, long position, int B, int rounds) {
        int[] ids = new int[B * length()];
        int[] targets = new int[B * length()];
        Arrays.fill(targets, Batch.IGNORED);
        for (int b = 0; b < B; b++) {
            Rng row = rng.at(position).at(b);
            int[] cycle = permutation(row.at(MEMORY));
            int[] next = new int[symbols];
            int[] place = new int[symbols];
            for (int i = 0; i < symbols; i++) {
                next[cycle[i]] = cycle[(i + 1) % symbols];
                place[cycle[i]] = i;
            }
            int[] order = permutation(row.at(ORDER));
            int start = b * length();
            for (int i = 0; i < symbols; i++) {
                ids[start + i] = order[i] * symbols + next[order[i]];
            }
            Rng query = row.at(QUERY);
            for (int j = 0; j < queries; j++) {
                int symbol = (int) query.below(j, symbols);
                int at = start + symbols + j;
                ids[at] = symbols * symbols + symbol;
                targets[at] = symbols * symbols + cycle[(place[symbol] + rounds) % symbols];
            }
        }
        return new Batch(B, length(), ids, targets);
    }

    private int[] permutation(Rng rng) {
        int[] order = new int[symbols];
        for (int i = 0; i < symbols; i++) {
            int j = (int) rng.below(i, i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
