package org.deepdelta.tensor;

import java.nio.charset.StandardCharsets;

/**
 * A counter-based random generator: number i of a stream is a function of (seed, stream, i) alone, so that it does not matter in which
 * order, or on how many threads, numbers are drawn. Streams are named; the same name and seed give the same numbers whatever else a model
 * draws. The mixing function is SplitMix64's (Steele, Lea, Flood 2014); transcendental functions are {@link StrictMath}'s, for equal bits
 * everywhere.
 */
public final class Rng {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private final long key;

    private Rng(long key) {
        this.key = key;
    }

    /** The stream of that name under a seed. */
    public static Rng of(long seed, String stream) {
        long key = mix(seed + GOLDEN);
        for (byte b : stream.getBytes(StandardCharsets.UTF_8)) {
            key = mix(key ^ (b & 0xFF)) + GOLDEN;
        }
        return new Rng(key);
    }

    /** 64 random bits. */
    public long bits(long counter) {
        return mix(key + GOLDEN * (counter + 1));
    }

    /** Uniform in [0, 1), 53 bits. */
    public double uniform(long counter) {
        return (bits(counter) >>> 11) * 0x1p-53;
    }

    /**
     * Uniform in 0 .. bound - 1; the bias is below bound / 2^63.
     *
     * @throws IllegalArgumentException if the bound is not positive
     */
    public long below(long counter, long bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound: expected > 0, got " + bound);
        }
        return Math.multiplyHigh(bits(counter) >>> 1, bound << 1);
    }

    /** The stream of that number within this one: for numbers that have several counters, such as a batch and a row. */
    public Rng at(long counter) {
        return new Rng(mix(key ^ mix(counter + GOLDEN)));
    }

    /** Standard normal, by Box and Muller's transform; uses numbers 2 counter and 2 counter + 1 of the stream. */
    public double normal(long counter) {
        double u = ((bits(2 * counter) >>> 11) + 1) * 0x1p-53; // in (0, 1]
        double angle = 2 * StrictMath.PI * uniform(2 * counter + 1);
        return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(angle);
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
