package org.deepdelta.data;

/**
 * B rows of T tokens and what should follow each of them.
 *
 * @param B rows
 * @param T tokens a row
 * @param ids [B, T], row after row
 * @param targets [B, T]; {@link #IGNORED} where nothing is asked
 */
public record Batch(int B, int T, int[] ids, int[] targets) {

    /** The target of a position that does not count. */
    public static final int IGNORED = -1;

    /**
     * Keeps the arrays without copying them.
     *
     * @throws IllegalArgumentException if a size is not positive or an array is not B x T long
     */
    public Batch {
        if (B < 1 || T < 1) {
            throw new IllegalArgumentException("batch of " + B + " x " + T + ", expected at least 1 x 1");
        }
        if (ids.length != B * T || targets.length != B * T) {
            throw new IllegalArgumentException("ids of length " + ids.length + " and targets of length "
                    + targets.length + ", expected " + B + " x " + T + " = " + B * T);
        }
    }

    /**
     * The number of positions that count.
     *
     * @return how many targets are not {@link #IGNORED}
     */
    public int scored() {
        int scored = 0;
        for (int target : targets) {
            scored += target == IGNORED ? 0 : 1;
        }
        return scored;
    }
}
