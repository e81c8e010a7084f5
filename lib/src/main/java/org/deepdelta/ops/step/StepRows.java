package org.deepdelta.ops.step;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.ops.delta.DeltaRows;
import org.deepdelta.tensor.Lanes;

/**
 * What a step does to rows of d floats besides the rewrite, on scratch rows as {@link DeltaRows} has them. Every sum has the order of the
 * three kernels by themselves.
 */
final class StepRows {

    private StepRows() {}

    private static FloatVector at(float[] row, int i) {
        return FloatVector.fromArray(Lanes.SPECIES, row, i);
    }

    /** X'_j = X_j + (push_j norm) k~, and x += w_j X'_j, for every channel j of a token. */
    static void write(
            Object state,
            Object next,
            long token,
            float[] k,
            float norm,
            float[] push,
            float[] weight,
            int w,
            float[] x,
            int d) {
        int row = x.length;
        int fours = DeltaRows.fours(push.length, d);
        for (int j = 0; j < fours; j += 4) {
            writes(state, next, token + (long) j * d, k, norm, push, j, weight, w + j * row, x, d);
        }
        for (int j = fours; j < push.length; j++) {
            write(state, next, token + (long) j * d, k, push[j] * norm, weight, w + j * row, x, d);
        }
    }

    private static void writes(
            Object state,
            Object next,
            long row,
            float[] k,
            float norm,
            float[] push,
            int j,
            float[] weight,
            int w,
            float[] x,
            int d) {
        FloatVector step0 = Lanes.all(push[j] * norm);
        FloatVector step1 = Lanes.all(push[j + 1] * norm);
        FloatVector step2 = Lanes.all(push[j + 2] * norm);
        FloatVector step3 = Lanes.all(push[j + 3] * norm);
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector a = at(k, i);
            long at = row + i;
            FloatVector v = a.fma(step0, Lanes.load(state, at));
            Lanes.store(next, at, v);
            FloatVector sum = v.fma(at(weight, w + i), at(x, i));
            v = a.fma(step1, Lanes.load(state, at + d));
            Lanes.store(next, at + d, v);
            sum = v.fma(at(weight, w + x.length + i), sum);
            v = a.fma(step2, Lanes.load(state, at + 2 * d));
            Lanes.store(next, at + 2 * d, v);
            sum = v.fma(at(weight, w + 2 * x.length + i), sum);
            v = a.fma(step3, Lanes.load(state, at + 3 * d));
            Lanes.store(next, at + 3 * d, v);
            v.fma(at(weight, w + 3 * x.length + i), sum).intoArray(x, i);
        }
    }

    private static void write(
            Object state, Object next, long row, float[] k, float step, float[] weight, int w, float[] x, int d) {
        FloatVector s = Lanes.all(step);
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector v = at(k, i).fma(s, Lanes.load(state, row + i, d - i));
            Lanes.store(next, row + i, v, d - i);
            v.fma(at(weight, w + i), at(x, i)).intoArray(x, i);
        }
    }

    /** x += w_j X_j for every channel j of a token. */
    static void read(Object state, long token, int channels, float[] weight, int w, float[] x, int d) {
        for (int j = 0; j < channels; j++) {
            long row = token + (long) j * d;
            int at = w + j * x.length;
            for (int i = 0; i < d; i += Lanes.WIDTH) {
                Lanes.load(state, row + i, d - i)
                        .fma(at(weight, at + i), at(x, i))
                        .intoArray(x, i);
            }
        }
    }

    /** 1 / sqrt(mean(x^2) + eps). */
    static float inverseRms(float[] x, float eps, int d) {
        FloatVector squares = Lanes.zero();
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector a = at(x, i);
            squares = a.fma(a, squares);
        }
        return (float) (1 / Math.sqrt(Lanes.sum(squares) / d + eps));
    }

    /** c = w r x. */
    static void normalise(float[] x, float r, float[] scale, Object c, long index, int d) {
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            Lanes.store(c, index + i, at(x, i).mul(r).mul(at(scale, i)), d - i);
        }
    }

    /** With z = r x and g = u w: dw += u z, and mean(g z); x and g are kept. */
    static float weigh(
            Object from, Object u, long index, float r, float[] scale, float[] dScale, float[] x, float[] g, int d) {
        FloatVector products = Lanes.zero();
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector v = Lanes.load(from, index + i, d - i);
            FloatVector w = Lanes.load(u, index + i, d - i);
            FloatVector s = at(scale, i);
            FloatVector uz = w.mul(v.mul(r));
            v.intoArray(x, i);
            w.mul(s).intoArray(g, i);
            at(dScale, i).add(uz).intoArray(dScale, i);
            products = uz.fma(s, products);
        }
        return Lanes.sum(products) / d;
    }

    /** dx = r (g - z mean), added to what arrives at x itself. */
    static void spread(
            float[] x, float[] g, float r, float mean, Object other, long index, float[] dx, int slot, int d) {
        FloatVector slope = Lanes.all(-mean * r * r);
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector v = at(x, i).fma(slope, at(g, i).mul(r));
            v.add(Lanes.load(other, index + i, d - i)).intoArray(dx, slot + i);
        }
    }

    /** U_j = w_j dx, or added to it, for every channel j of a token. */
    static void collect(float[] dx, int slot, float[] weight, int w, boolean add, float[] u, int row, int d) {
        for (int at = 0; at < u.length; at += row) {
            for (int i = 0; i < d; i += Lanes.WIDTH) {
                FloatVector old = add ? at(u, at + i) : Lanes.zero();
                at(dx, slot + i).fma(at(weight, w + at + i), old).intoArray(u, at + i);
            }
        }
    }

    /** U_j += what arrives at X'_j, for every channel j of a token. */
    static void join(Object arrives, long token, float[] u, int row, int d) {
        for (int at = 0; at < u.length; at += row, token += d) {
            for (int i = 0; i < d; i += Lanes.WIDTH) {
                Lanes.load(arrives, token + i, d - i).add(at(u, at + i)).intoArray(u, at + i);
            }
        }
    }

    /** U_j = what arrives at X'_j, and w_j dx: both of the above for the only reader of a token. */
    static void join(
            Object arrives, long token, float[] dx, int slot, float[] weight, int w, float[] u, int row, int d) {
        for (int at = 0; at < u.length; at += row, token += d) {
            for (int i = 0; i < d; i += Lanes.WIDTH) {
                FloatVector read = at(dx, slot + i).fma(at(weight, w + at + i), Lanes.zero());
                Lanes.load(arrives, token + i, d - i).add(read).intoArray(u, at + i);
            }
        }
    }

    /** X'_j = X_j + (push_j norm) k~ again, to scratch. */
    static void again(Object state, long token, float[] k, float norm, float[] push, float[] to, int row, int d) {
        for (int j = 0; j < push.length; j++) {
            FloatVector s = Lanes.all(push[j] * norm);
            long index = token + (long) j * d;
            for (int i = 0; i < d; i += Lanes.WIDTH) {
                at(k, i).fma(s, Lanes.load(state, index + i, d - i)).intoArray(to, j * row + i);
            }
        }
    }

    /** dw_j += X'_j dx for every channel j of a token. */
    static void weigh(float[] next, float[] dx, int slot, float[] dWeight, int w, int row, int d) {
        for (int at = 0; at < next.length; at += row) {
            for (int i = 0; i < d; i += Lanes.WIDTH) {
                FloatVector old = at(dWeight, w + at + i);
                at(next, at + i).fma(at(dx, slot + i), old).intoArray(dWeight, w + at + i);
            }
        }
    }
}
