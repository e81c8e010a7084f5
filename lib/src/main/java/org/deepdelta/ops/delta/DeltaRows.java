package org.deepdelta.ops.delta;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Lanes;

/** One token's rewrite on a channel-major state, as kernels do it: the value channels are rows of d floats, one behind the other. */
public final class DeltaRows {

    private DeltaRows() {}

    /** 1 / sqrt(|k~|^2 + guard). */
    public static float inverseNorm(Object direction, long k, int d, float guard) {
        return (float) (1 / Math.sqrt(Lanes.dot(direction, k, direction, k, d) + guard));
    }

    /** factor k~'X_j for every channel j. */
    public static void read(Object direction, long k, Object state, long x, int d, float factor, float[] to) {
        for (int j = 0; j < to.length; j++) {
            to[j] = factor * Lanes.dot(direction, k, state, x + (long) j * d, d);
        }
    }

    /** X'_j = X_j + factor g_j k~ for every channel j. */
    public static void write(
            Object state, Object next, long x, Object direction, long k, int d, float factor, float[] g) {
        for (int j = 0; j < g.length; j++) {
            write(state, next, x + (long) j * d, direction, k, d, g[j] * factor);
        }
    }

    private static void write(Object state, Object next, long x, Object direction, long k, int d, float step) {
        FloatVector s = Lanes.all(step);
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector old = Lanes.load(state, x + i, d - i);
            Lanes.store(next, x + i, Lanes.load(direction, k + i, d - i).fma(s, old), d - i);
        }
    }

    /**
     * dX_j = U_j + pull_j k and dk~ = (sum over j of (push_j U_j + pull_j X_j) - along k) norm, with k = norm k~.
     *
     * @param x where the token begins in X and dX
     * @param fromU where it begins in U
     * @param add whether dX is added to what is there
     */
    public static void differentiate(
            Object state,
            long x,
            Object u,
            long fromU,
            Object dState,
            boolean add,
            Object direction,
            Object dDirection,
            long k,
            int d,
            float norm,
            float[] push,
            float[] pull,
            float along) {
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector unit = Lanes.load(direction, k + i, d - i).mul(norm);
            FloatVector dk = unit.mul(-along);
            for (int j = 0; j < push.length; j++) {
                long at = x + (long) j * d + i;
                FloatVector uj = Lanes.load(u, fromU + (long) j * d + i, d - i);
                dk = uj.fma(Lanes.all(push[j]), dk);
                dk = Lanes.load(state, at, d - i).fma(Lanes.all(pull[j]), dk);
                Lanes.put(dState, at, unit.fma(Lanes.all(pull[j]), uj), d - i, add);
            }
            Lanes.store(dDirection, k + i, dk.mul(norm), d - i);
        }
    }

    /** The same where nothing is erased, pull = 0: the state is not looked at. */
    public static void differentiateWritten(
            long x,
            Object u,
            long fromU,
            Object dState,
            boolean add,
            Object direction,
            Object dDirection,
            long k,
            int d,
            float norm,
            float[] push,
            float along) {
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector dk = Lanes.load(direction, k + i, d - i).mul(-norm * along);
            for (int j = 0; j < push.length; j++) {
                long at = x + (long) j * d + i;
                FloatVector uj = Lanes.load(u, fromU + (long) j * d + i, d - i);
                dk = uj.fma(Lanes.all(push[j]), dk);
                Lanes.put(dState, at, uj, d - i, add);
            }
            Lanes.store(dDirection, k + i, dk.mul(norm), d - i);
        }
    }
}
