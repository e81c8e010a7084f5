package org.deepdelta.ops.compress;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Shape;

/**
 * A causal convolution over tokens, feature by feature, as kernels see it: rows of d floats, each times a row of weights. Tokens are
 * counted over the whole batch; W {@code [K, dv, d]} holds the dv rows of its last tap, the current token's, at the end.
 *
 * @param length tokens of a sequence
 * @param taps K
 * @param channels dv
 * @param d features
 */
public record Taps(long length, int taps, int channels, int d) {

    /** The convolution with weights {@code [K, dv, d]} over sequences of this length. */
    public static Taps of(Shape weight, long length) {
        return new Taps(length, (int) weight.axis(0), (int) weight.axis(1), (int) weight.axis(2));
    }

    /** Rows of W: K dv. */
    public int rows() {
        return taps * channels;
    }

    /** How many of token t's taps lie before its sequence. */
    public int missing(long t) {
        return (int) Math.max(0, taps - 1 - t % length);
    }

    /** How many tokens token t is read by: itself by the last tap, the next one by the tap before, to the end of its sequence. */
    public int readers(long t) {
        return (int) Math.min(taps, length - t % length);
    }

    /** The sum of {@code count} products of a row of x and a row of w, each a step behind the one before; written or added. */
    public static void sum(
            Object x, long atX, Object w, long atW, long stepW, int count, Object to, long at, int d, boolean add) {
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector sum = Lanes.zero();
            for (int r = 0; r < count; r++) {
                FloatVector a = Lanes.load(x, atX + (long) r * d + i, d - i);
                sum = a.fma(Lanes.load(w, atW + r * stepW + i, d - i), sum);
            }
            Lanes.put(to, at + i, sum, d - i, add);
        }
    }
}
