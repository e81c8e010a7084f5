package org.deepdelta.data;

import java.util.Arrays;
import org.deepdelta.tensor.Rng;

/**
 * A task that needs an operation across depth: a register machine that walks through a memory, one look-up each time the block is applied.
 *
 * <p>A row spells a memory of m cells in random order, then asks q questions: {@code (a_1 pi(a_1)) ... (a_m pi(a_m)) (r_1 s_1) ... (r_q s_q)},
 * where pi is one cycle through all m symbols. The machine has n registers, all holding s at first. One application of the block, whose weights
 * are tied, does at once
 *
 * <pre>
 *   register 0     :=  pi(register 0)
 *   register i     :=  register i-1          for i = 1 .. n-1
 * </pre>
 *
 * <p>and the answer to (r s) is what register r holds after R applications: pi^(R-r)(s), and s where r is R or more. R is written nowhere in the row: only the number
 * of applications carries it. A model trained with R up to some limit is tested beyond it.
 *
 * <p><b>The operation.</b> R + 1 different symbols pass through one stream of width d, and only n of them may remain: each look-up's key is the
 * last one's result, so what earlier ones left behind disturbs both the next look-up and the answer. Overwriting a register means to take out what it held and to
 * put in what is new, whatever it held: with beta = 1 and v the new content the Delta rule does that along one direction (Eq. 2.3), in a state of
 * dv columns for a content of dv numbers. A sum keeps everything that its sublayers do not themselves subtract.
 *
 * <p><b>Why attention alone cannot do it.</b> R look-ups depend on each other, so R rounds of attention are needed, each with a query that only the
 * round before can form. Composing pi with itself in the cells, which doubles the step of every further look-up, answers another question than the one asked: R is
 * the number of applications, and each must be one step.
 *
 * <p><b>Known optimum</b>: loss 0 at every R, from one rule for all memories: attention finds the cell whose address is register 0 and fetches
 * pi(a); the write replaces. A rank-one write along k replaces dv numbers, not a symbol among m in a state of one column (dv = 1): there the sublayer
 * must compute the difference of two symbols, as under addition, or spread a step over several rewrites. Neither construction forgives d far below m: symbols must be
 * told apart.
 *
 * <p><b>Difficulty</b>: m, above all against d; n; R beyond training. Memories are drawn afresh for each row, out of (m-1)! cycles. The test's are drawn apart from training's;
 * with m = 8 a cycle of the test may have occurred in training (there are 5,040), in another order of cells and with other questions, from m = 12 on hardly any has. Guessing scores 1/m.
 *
 * <p>Tokens: cell (a, pi(a)) is a m + pi(a); question (r, s) is m^2 + r m + s; the answer is the token of (0, symbol).
 * Targets are {@link Batch#IGNORED} on the cells.
 *
 * @param symbols m, at least 3
 * @param registers n, at least 1
 * @param queries q, at least 1
 * @param seed chooses the batches
 */
public record WalkTask(int symbols, int registers, int queries, long seed) {
    private static final long MEMORY = 1;
    private static final long ORDER = 2;
    private static final long QUERY = 3;

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException naming the one that is out of range
     */
    public WalkTask {
        if (symbols < 3 || registers < 1 || queries < 1) {
            throw new IllegalArgumentException("symbols " + symbols + ", registers " + registers + ", queries "
                    + queries + "; expected at least 3 symbols, one register and one query");
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
     * @return m (m + n)
     */
    public int vocabulary() {
        return symbols * (symbols + registers);
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
                int register = (int) query.below(2L * j, registers);
                int symbol = (int) query.below(2L * j + 1, symbols);
                int steps = Math.max(0, rounds - register);
                int at = start + symbols + j;
                ids[at] = symbols * (symbols + register) + symbol;
                targets[at] = symbols * symbols + cycle[(place[symbol] + steps) % symbols];
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
