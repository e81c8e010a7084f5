package org.deepdelta.data;

/**
 * Random numbers that are a function of a seed and counters, so that any of them can be drawn without those before it:
 * the finaliser of SplitMix64 (Steele, Lea, Flood 2014) folded over the arguments.
 */
final class Draw {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Draw() {}

    /** Uniform over 0 to {@code bound} - 1, with a bias of at most bound / 2^64. */
    static long below(long bound, long seed, long... counters) {
        return Math.multiplyHigh(bits(seed, counters) >>> 1, bound << 1);
    }

    private static long bits(long seed, long... counters) {
        long hash = mix(seed + GOLDEN);
        for (long counter : counters) {
            hash = mix((hash ^ counter) + GOLDEN);
        }
        return hash;
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
