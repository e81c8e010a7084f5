package org.deepdelta.ops.rotary;

import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Rotary position embedding followed by query-key normalisation, on the joined product [q | k | v] of an attention layer.
 *
 * <p>The first {@code queries} heads are rotated and normalised with the query weight, the next {@code keys} with the key weight, the rest
 * (the values) pass unchanged. Rotation pairs dimension j with j + r/2 for the first r = even floor of ratio * h dimensions; the angle at
 * position p is p * base^(-2j/r): y1 = x1 cos - x2 sin, y2 = x1 sin + x2 cos. The norm comes after the rotation, as in the authors' code,
 * one weight for all heads.
 *
 * <p>Shapes: x {@code [B, T, G, h]} with G &gt;= queries + keys, weights {@code [h]} each or both absent (no normalisation), y as x.
 * Source: Su et al. 2021; half-split ("NeoX") pairing.
 *
 * @param queries heads with the query weight
 * @param keys heads with the key weight
 * @param base of the angles, usually 10000
 * @param ratio part of the head that is rotated, in [0, 1]
 * @param position of the first token
 * @param eps of the normalisation
 */
public record Rotary(int queries, int keys, double base, double ratio, int position, double eps) implements Op {

    /** Checks the attributes. */
    public Rotary {
        if (ratio < 0 || ratio > 1 || base <= 0 || position < 0) {
            throw new IllegalArgumentException("rotary: expected 0 <= ratio <= 1, base > 0, position >= 0, got " + ratio
                    + ", " + base + ", " + position);
        }
    }

    /** Rotates, and normalises if weights are given (both null otherwise). */
    public Tensor apply(Tape t, Tensor x, Tensor queryWeight, Tensor keyWeight) {
        return queryWeight == null ? t.apply(this, x) : t.apply(this, x, queryWeight, keyWeight);
    }

    @Override
    public String name() {
        return "rotary";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        in[0].expect("rotary: x", -1, -1, -1, -1);
        long h = in[0].shape().axis(3);
        if (in[0].shape().axis(2) < queries + keys) {
            throw new IllegalArgumentException(
                    "rotary: x: expected at least " + (queries + keys) + " heads, got " + in[0].shape());
        }
        for (int i = 1; i < in.length; i++) {
            in[i].expect(i == 1 ? "rotary: query weight" : "rotary: key weight", h);
        }
        return new Spec[] {in[0].spec()};
    }

    @Override
    public Reference reference() {
        return new RotaryReference(this);
    }

    @Override
    public Kernel cpu() {
        return new RotaryKernel(this);
    }

    @Override
    public Kernel cuda() {
        return new RotaryCuda(this);
    }

    /** How many dimensions of a head of width h are rotated: the even floor of ratio * h. */
    public int rotated(long h) {
        return 2 * (int) (ratio * h / 2);
    }

    /**
     * Cosine and sine tables, {@code [2][T][r/2]}. In single precision frequency, angle and table are each rounded to float, as the authors
     * do; in double nothing is rounded.
     */
    public double[][][] table(int length, long h, DType type) {
        int half = rotated(h) / 2;
        boolean single = type != DType.F64;
        double[][][] table = new double[2][length][half];
        for (int j = 0; j < half; j++) {
            double exponent = round(2.0 * j, single) / (2.0 * half);
            double frequency = round(1 / round(StrictMath.pow(base, round(exponent, single)), single), single);
            for (int t = 0; t < length; t++) {
                double angle = round((position + t) * frequency, single);
                table[0][t][j] = round(StrictMath.cos(angle), single);
                table[1][t][j] = round(StrictMath.sin(angle), single);
            }
        }
        return table;
    }

    private static double round(double x, boolean single) {
        return single ? (float) x : x;
    }
}
