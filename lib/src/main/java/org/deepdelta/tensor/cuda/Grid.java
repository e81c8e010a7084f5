package org.deepdelta.tensor.cuda;

/**
 * How many threads a kernel is run by.
 *
 * @param x blocks along the first axis; nothing is launched if there are none
 * @param y blocks along the second axis
 * @param z blocks along the third axis
 * @param threads of a block, a multiple of 32
 * @param shared bytes of dynamic shared memory
 */
public record Grid(long x, long y, long z, int threads, int shared) {
    private static final int WARP = 32;
    private static final int MOST_THREADS = 1024;
    private static final int MOST_SIDE = 65_535;

    /**
     * Checks what every GPU demands.
     *
     * @throws IllegalArgumentException naming the number that is out of range
     */
    public Grid {
        require("blocks along x", x, 0, Integer.MAX_VALUE);
        require("blocks along y", y, 0, MOST_SIDE);
        require("blocks along z", z, 0, MOST_SIDE);
        require("threads of a block", threads, WARP, MOST_THREADS);
        if (threads % WARP != 0) {
            throw new IllegalArgumentException("grid: threads of a block: expected a multiple of 32, got " + threads);
        }
    }

    /** Blocks along one axis. */
    public static Grid of(long blocks, int threads) {
        return new Grid(blocks, 1, 1, threads, 0);
    }

    /** Blocks along three axes. */
    public static Grid of(long x, long y, long z, int threads) {
        return new Grid(x, y, z, threads, 0);
    }

    /** As many blocks as n threads need. */
    public static Grid cover(long n, int threads) {
        return of((n + threads - 1) / threads, threads);
    }

    /** With dynamic shared memory. */
    public Grid shared(long bytes) {
        return new Grid(x, y, z, threads, Math.toIntExact(bytes));
    }

    /** Whether there is nothing to do. */
    boolean empty() {
        return x == 0 || y == 0 || z == 0;
    }

    private static void require(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "grid: " + what + ": expected " + least + " to " + most + ", got " + value);
        }
    }
}
