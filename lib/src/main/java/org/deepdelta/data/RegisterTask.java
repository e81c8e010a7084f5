package org.deepdelta.data;

import java.util.Arrays;
import org.deepdelta.tensor.Rng;

/**
 * A task that needs another operation at each depth: what a register holds after a program, one instruction a layer.
 *
 * <p>A row is a program of R instructions on m registers, then q questions: {@code i_1 ... i_R s_1 ... s_q}. Each instruction names two
 * registers a and b: their contents change places ({@link Kind#EXCHANGE}), or a takes a copy of what b holds ({@link Kind#MOVE}). Register s
 * begins with symbol s, and the answer at s is the symbol that it holds in the end. Who asks goes backward: i_1 is carried out last, and
 * there is a pointer, s at first, that i_1 to i_R change in this order: an exchange sends a to b and b to a, a move sends a to b, and what is
 * not named stays. The model has R layers, each with weights of its own; that i_t is in slot t is part of its token.
 *
 * <p><b>The operation.</b> The stream at a question holds one pointer, and every instruction that names it must replace it. An exchange is
 * the reflection I - 2 k k' with k = (e_a - e_b) / sqrt(2): the Delta operator at beta = 2, for all pointers at once, k being linear in what
 * attention fetches from slot t. <b>Known optimum</b>: loss 0, with m dimensions for the pointer and layer t at slot t.
 *
 * <p><b>A move is not one such rewrite.</b> With the same k, beta = 1 and v = -1 / sqrt(2), x + beta k (v - k'x) takes a to b and leaves b, but
 * takes every other c to c + k v; with v = 0 it leaves c and takes both a and b half-way. In general it leaves all pointers but a as they are only if
 * k'x is the same at all of them, and then k is not along e_b - e_a. So gate or value must depend on whether the
 * pointer is named: a product of instruction and pointer that an exchange does not ask for, and that a sum needs as well.
 *
 * <p><b>Why one layer of attention cannot do it.</b> Which instructions concern a question depends on what the earlier ones did: what is
 * fetched from one slot decides what the next is compared with. Two things are not excluded. A sum can do it, if an MLP computes from
 * pointer and instruction what is to be added, and takes the old pointer away or keeps all R m of them apart. And the streams of the
 * instructions, one after another or two by two, could multiply the program out before a question reads it, if a map of m registers fits in their width.
 *
 * <p><b>Difficulty</b>: m; R; and the width d against the R m intermediate results. One program in eight, chosen by the seed, is never shown
 * in training ({@link #heldOut}). The questions that count are those whose pointer changes at least twice ({@link #changing}): "unchanged" is
 * right there only where one instruction undoes another.
 *
 * <p>Tokens: instruction number p among P in slot t, from 0, is t P + p; symbol s as question or answer R P + s. Exchanges of a and b are one
 * instruction, P = m (m - 1) / 2; moves are two, P = m (m - 1). Targets are {@link Batch#IGNORED} on the program.
 *
 * @param registers m, at least 3
 * @param instructions R, at least 1
 * @param queries q, at least 1
 * @param kind what an instruction does
 * @param seed chooses the programs that are held out, and the batches
 */
public record RegisterTask(int registers, int instructions, int queries, Kind kind, long seed) {
    private static final long HELD = 1;
    private static final long PROGRAM = 2;
    private static final long QUERY = 3;

    /** What an instruction does with registers a and b. */
    public enum Kind {
        /** Their contents change places. */
        EXCHANGE,
        /** Register a takes a copy of what b holds. */
        MOVE
    }

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException naming the one that is out of range
     */
    public RegisterTask {
        if (registers < 3 || instructions < 1 || queries < 1) {
            throw new IllegalArgumentException("registers " + registers + ", instructions " + instructions
                    + ", queries " + queries + "; expected at least 3, 1 and 1");
        }
    }

    /**
     * Tokens a row.
     *
     * @return R + q
     */
    public int length() {
        return instructions + queries;
    }

    /**
     * The number of different tokens.
     *
     * @return R P + m
     */
    public int vocabulary() {
        return instructions * pairs() + registers;
    }

    /** P, the instructions that a slot can hold. */
    private int pairs() {
        int ordered = registers * (registers - 1);
        return kind == Kind.MOVE ? ordered : ordered / 2;
    }

    /**
     * Batches with the programs of training.
     *
     * @param B rows
     * @return the batches, [B, R + q] each
     */
    public Batches training(int B) {
        return position -> batch(position, B, false);
    }

    /**
     * Batches with programs that training never shows.
     *
     * @param B rows
     * @return the batches, [B, R + q] each; they throw IllegalStateException if, of few programs, the seed happens to hold out none
     */
    public Batches heldOut(int B) {
        return position -> batch(position, B, true);
    }

    private Batch batch(long position, int B, boolean held) {
        int[] ids = new int[B * length()];
        int[] targets = new int[B * length()];
        Arrays.fill(targets, Batch.IGNORED);
        for (int b = 0; b < B; b++) {
            int[] program = program(position, b, held);
            int row = b * length();
            System.arraycopy(program, 0, ids, row, instructions);
            for (int j = row + instructions; j < row + length(); j++) {
                int symbol = draw(registers, QUERY, position, b, held, j - row);
                ids[j] = instructions * pairs() + symbol;
                targets[j] = instructions * pairs() + follow(ids, row, symbol)[instructions];
            }
        }
        return new Batch(B, length(), ids, targets);
    }

    /**
     * The same rows, asking only where the pointer changes a certain number of times.
     *
     * @param batch of this task
     * @param least number of changes, 0 to R
     * @param most number of changes
     * @return the batch with the other targets {@link Batch#IGNORED}
     */
    public Batch changing(Batch batch, int least, int most) {
        int[] targets = batch.targets().clone();
        for (int j = 0; j < targets.length; j++) {
            if (targets[j] != Batch.IGNORED) {
                int row = j - j % length();
                int[] path = follow(batch.ids(), row, batch.ids()[j] - instructions * pairs());
                int changes = 0;
                for (int t = 0; t < instructions; t++) {
                    changes += path[t] == path[t + 1] ? 0 : 1;
                }
                targets[j] = changes >= least && changes <= most ? targets[j] : Batch.IGNORED;
            }
        }
        return new Batch(batch.B(), batch.T(), batch.ids(), targets);
    }

    /** The pointer before the first instruction and after each, R + 1 numbers. */
    private int[] follow(int[] ids, int row, int symbol) {
        int[] path = new int[instructions + 1];
        path[0] = symbol;
        for (int t = 0; t < instructions; t++) {
            int[] named = named(ids[row + t]);
            boolean back = kind == Kind.EXCHANGE && path[t] == named[1];
            path[t + 1] = path[t] == named[0] ? named[1] : back ? named[0] : path[t];
        }
        return path;
    }

    /**
     * The two registers that an instruction names.
     *
     * @param token of an instruction, below R P
     * @return a and b
     */
    public int[] named(int token) {
        int p = token % pairs();
        int a = p / (registers - 1);
        int b = p % (registers - 1);
        if (kind == Kind.MOVE) {
            return new int[] {a, b < a ? b : b + 1};
        }
        a = 1;
        while (p >= a) {
            p -= a++;
        }
        return new int[] {p, a};
    }

    /** Instructions as tokens, redrawn until they are on the right side of the split. */
    private int[] program(long position, int b, boolean held) {
        int[] program = new int[instructions];
        for (long attempt = 0; attempt < 1000; attempt++) {
            Rng name = stream(HELD);
            for (int t = 0; t < instructions; t++) {
                int p = draw(pairs(), PROGRAM, position, b, held, attempt * instructions + t);
                program[t] = t * pairs() + p;
                name = name.at(p);
            }
            if (name.below(0, 8) == 0 == held) {
                return program;
            }
        }
        throw new IllegalStateException(this + " has no program " + (held ? "held out" : "to train on")
                + ": expected more registers or instructions, or another seed");
    }

    private int draw(int bound, long what, long position, int b, boolean held, long counter) {
        return (int) stream(what).at(position).at(b).at(held ? 1 : 0).below(counter, bound);
    }

    private Rng stream(long what) {
        return Rng.of(seed, "registers").at(what);
    }
}
