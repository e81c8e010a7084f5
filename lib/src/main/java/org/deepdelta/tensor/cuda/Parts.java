package org.deepdelta.tensor.cuda;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Tensor;

/**
 * A sum over tokens in two stages, so that equal inputs give equal bits: a kernel leaves the sums over each part of the tokens, part p from
 * token p N / P on, and here they are folded in a fixed order. The number of parts depends on the number of tokens alone.
 *
 * @param sums {@code [P, n]}, F32
 */
public record Parts(Tensor sums) {
    private static final CudaSource CU = CudaSource.beside(Parts.class, "parts.cu");
    private static final int LEAST_TOKENS = 4;
    private static final int COLUMNS = 32;
    private static final int THREADS = 1024;
    private static final int COLUMN_THREADS = 128;

    /** Memory for the sums of n columns over that many tokens, in at most {@code most} parts. */
    public static Parts of(Call c, long tokens, int most, long n) {
        long parts = Math.max(1, Math.min(most, (tokens + LEAST_TOKENS - 1) / LEAST_TOKENS));
        return new Parts(c.temporary(DType.F32, parts, n));
    }

    /** How many parts there are. */
    public int count() {
        return (int) sums.shape().axis(0);
    }

    /** Blocks for that many pieces of a row along x, once for every part along y. */
    public Grid columns(int pieces) {
        int threads = Math.min(COLUMN_THREADS, Width.threads(pieces));
        return Grid.of((pieces + threads - 1) / threads, count(), 1, threads);
    }

    /** Folds columns from {@code column} on into a gradient of F32, as many as that has elements. */
    public void fold(Call c, long column, Call.Sum to) {
        long n = to.tensor().size();
        long row = sums.shape().axis(1);
        Grid grid = Grid.of((n + COLUMNS - 1) / COLUMNS, THREADS);
        CU.launch(c, DType.F32, "fold", grid, sums, count(), row, column, to.tensor(), n, to.add() ? 1 : 0);
    }
}
