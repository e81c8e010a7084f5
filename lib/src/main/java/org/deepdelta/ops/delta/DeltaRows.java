package org.deepdelta.ops.delta;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Lanes;

/**
 * One token's rewrite on a channel-major state, as kernels do it: the value channels are rows of d floats, one behind the other. Rows that
 * are used more than once lie in arrays, padded to whole vectors with zeros: on Java 17 an array is reached in a third of the time that
 * memory outside the heap takes. Where d is a multiple of the vector's width, four channels are read in one loop; sums have the same
 * order there as alone.
 */
public final class DeltaRows {

    private DeltaRows() {}

    private static FloatVector at(float[] row, int i) {
        return FloatVector.fromArray(Lanes.SPECIES, row, i);
    }

    /** How many channels go in fours. */
    public static int fours(int channels, int d) {
        return d % Lanes.WIDTH == 0 ? channels / 4 * 4 : 0;
    }

    /** Copies a row and returns its sum of squares. */
    public static float take(Object from, long index, float[] to, int d) {
        FloatVector even = Lanes.zero();
        FloatVector odd = Lanes.zero();
        int i = 0;
        for (; i + 2 * Lanes.WIDTH <= d; i += 2 * Lanes.WIDTH) {
            FloatVector a = Lanes.load(from, index + i);
            FloatVector b = Lanes.load(from, index + i + Lanes.WIDTH);
            a.intoArray(to, i);
            b.intoArray(to, i + Lanes.WIDTH);
            even = a.fma(a, even);
            odd = b.fma(b, odd);
        }
        for (; i < d; i += Lanes.WIDTH) {
            FloatVector a = Lanes.load(from, index + i, d - i);
            a.intoArray(to, i);
            even = a.fma(a, even);
        }
        return Lanes.sum(even.add(odd));
    }

    /** Copies rows. */
    public static void take(Object from, long index, int rows, float[] to, int d) {
        int row = Lanes.padded(d);
        for (int j = 0; j < rows; j++) {
            for (int i = 0; i < d; i += Lanes.WIDTH) {
                Lanes.load(from, index + (long) j * d + i, d - i).intoArray(to, j * row + i);
            }
        }
    }

    /** factor k'X_j for every channel j of a token. */
    public static void dots(float[] k, Object x, long token, int d, float factor, float[] to) {
        int fours = fours(to.length, d);
        for (int j = 0; j < fours; j += 4) {
            dots(k, x, token + (long) j * d, d, factor, to, j);
        }
        for (int j = fours; j < to.length; j++) {
            to[j] = factor * dot(k, x, token + (long) j * d, d);
        }
    }

    private static void dots(float[] k, Object x, long row, int d, float factor, float[] to, int j) {
        FloatVector even0 = Lanes.zero();
        FloatVector even1 = Lanes.zero();
        FloatVector even2 = Lanes.zero();
        FloatVector even3 = Lanes.zero();
        FloatVector odd0 = Lanes.zero();
        FloatVector odd1 = Lanes.zero();
        FloatVector odd2 = Lanes.zero();
        FloatVector odd3 = Lanes.zero();
        int i = 0;
        for (; i + 2 * Lanes.WIDTH <= d; i += 2 * Lanes.WIDTH) {
            FloatVector a = at(k, i);
            FloatVector b = at(k, i + Lanes.WIDTH);
            long at = row + i;
            even0 = a.fma(Lanes.load(x, at), even0);
            odd0 = b.fma(Lanes.load(x, at + Lanes.WIDTH), odd0);
            even1 = a.fma(Lanes.load(x, at + d), even1);
            odd1 = b.fma(Lanes.load(x, at + d + Lanes.WIDTH), odd1);
            even2 = a.fma(Lanes.load(x, at + 2 * d), even2);
            odd2 = b.fma(Lanes.load(x, at + 2 * d + Lanes.WIDTH), odd2);
            even3 = a.fma(Lanes.load(x, at + 3 * d), even3);
            odd3 = b.fma(Lanes.load(x, at + 3 * d + Lanes.WIDTH), odd3);
        }
        if (i < d) {
            FloatVector a = at(k, i);
            long at = row + i;
            even0 = a.fma(Lanes.load(x, at), even0);
            even1 = a.fma(Lanes.load(x, at + d), even1);
            even2 = a.fma(Lanes.load(x, at + 2 * d), even2);
            even3 = a.fma(Lanes.load(x, at + 3 * d), even3);
        }
        to[j] = factor * Lanes.sum(even0.add(odd0));
        to[j + 1] = factor * Lanes.sum(even1.add(odd1));
        to[j + 2] = factor * Lanes.sum(even2.add(odd2));
        to[j + 3] = factor * Lanes.sum(even3.add(odd3));
    }

    private static float dot(float[] k, Object x, long row, int d) {
        FloatVector even = Lanes.zero();
        FloatVector odd = Lanes.zero();
        int i = 0;
        for (; i + 2 * Lanes.WIDTH <= d; i += 2 * Lanes.WIDTH) {
            even = at(k, i).fma(Lanes.load(x, row + i), even);
            odd = at(k, i + Lanes.WIDTH).fma(Lanes.load(x, row + i + Lanes.WIDTH), odd);
        }
        for (; i < d; i += Lanes.WIDTH) {
            even = at(k, i).fma(Lanes.load(x, row + i, d - i), even);
        }
        return Lanes.sum(even.add(odd));
    }

    /** The same of a token's rows in an array. */
    public static void dots(float[] k, float[] x, int d, float factor, float[] to) {
        int row = Lanes.padded(d);
        for (int j = 0; j < to.length; j++) {
            to[j] = factor * dot(k, x, j * row, d);
        }
    }

    private static float dot(float[] k, float[] x, int row, int d) {
        FloatVector even = Lanes.zero();
        FloatVector odd = Lanes.zero();
        int i = 0;
        for (; i + 2 * Lanes.WIDTH <= d; i += 2 * Lanes.WIDTH) {
            even = at(k, i).fma(at(x, row + i), even);
            odd = at(k, i + Lanes.WIDTH).fma(at(x, row + i + Lanes.WIDTH), odd);
        }
        for (; i < d; i += Lanes.WIDTH) {
            even = at(k, i).fma(at(x, row + i), even);
        }
        return Lanes.sum(even.add(odd));
    }

    /**
     * X'_j = X_j + (push_j norm) k~ for every channel j of a token: one channel after the other, since memory likes to be written in order
     * (a fused loop over four took 1.6 times as long).
     */
    public static void write(Object state, Object next, long token, float[] k, float norm, float[] push, int d) {
        for (int j = 0; j < push.length; j++) {
            write(state, next, token + (long) j * d, k, push[j] * norm, d);
        }
    }

    private static void write(Object state, Object next, long row, float[] k, float step, int d) {
        FloatVector s = Lanes.all(step);
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            Lanes.store(next, row + i, at(k, i).fma(s, Lanes.load(state, row + i, d - i)), d - i);
        }
    }

    /** k = norm k~, and dk = -along k to begin with. */
    public static void unit(float[] direction, float norm, float along, float[] k, float[] dk, int d) {
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector unit = at(direction, i).mul(norm);
            unit.intoArray(k, i);
            unit.mul(-along).intoArray(dk, i);
        }
    }

    /**
     * dX_j = U_j + pull_j k, and dk += push_j U_j + pull_j X_j, for every channel j of a token.
     *
     * @param add whether dX is added to what is there
     */
    public static void differentiate(
            Object state,
            Object dState,
            long token,
            boolean add,
            float[] u,
            float[] k,
            float[] dk,
            float[] push,
            float[] pull,
            int d) {
        int row = Lanes.padded(d);
        int pairs = d % Lanes.WIDTH == 0 ? push.length / 2 * 2 : 0;
        for (int j = 0; j < pairs; j += 2) {
            differentiate(state, dState, token + (long) j * d, add, u, k, dk, push, pull, j, d);
        }
        for (int j = pairs; j < push.length; j++) {
            differentiate(state, dState, token + (long) j * d, add, u, j * row, k, dk, push[j], pull[j], d);
        }
    }

    private static void differentiate(
            Object state,
            Object dState,
            long row,
            boolean add,
            float[] u,
            float[] k,
            float[] dk,
            float[] push,
            float[] pull,
            int j,
            int d) {
        FloatVector push0 = Lanes.all(push[j]);
        FloatVector push1 = Lanes.all(push[j + 1]);
        FloatVector pull0 = Lanes.all(pull[j]);
        FloatVector pull1 = Lanes.all(pull[j + 1]);
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector unit = at(k, i);
            FloatVector uj = at(u, j * d + i);
            FloatVector sum = Lanes.load(state, row + i).fma(pull0, uj.fma(push0, at(dk, i)));
            Lanes.put(dState, row + i, unit.fma(pull0, uj), Lanes.WIDTH, add);
            uj = at(u, j * d + d + i);
            Lanes.load(state, row + d + i).fma(pull1, uj.fma(push1, sum)).intoArray(dk, i);
            Lanes.put(dState, row + d + i, unit.fma(pull1, uj), Lanes.WIDTH, add);
        }
    }

    private static void differentiate(
            Object state,
            Object dState,
            long row,
            boolean add,
            float[] u,
            int atU,
            float[] k,
            float[] dk,
            float push,
            float pull,
            int d) {
        FloatVector p = Lanes.all(push);
        FloatVector q = Lanes.all(pull);
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector uj = at(u, atU + i);
            FloatVector sum = uj.fma(p, at(dk, i));
            Lanes.load(state, row + i, d - i).fma(q, sum).intoArray(dk, i);
            Lanes.put(dState, row + i, at(k, i).fma(q, uj), d - i, add);
        }
    }

    /** Writes factor times a row. */
    public static void give(float[] row, float factor, Object to, long index, int d) {
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            Lanes.store(to, index + i, at(row, i).mul(factor), d - i);
        }
    }
}
