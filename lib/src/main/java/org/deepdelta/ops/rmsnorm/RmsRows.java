package org.deepdelta.ops.rmsnorm;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Lanes;

/** RMSNorm of one row, as kernels do it. */
public final class RmsRows {

    private RmsRows() {}

    /** y = w r x with r = 1 / sqrt(mean(x^2) + eps), which it returns. */
    public static float normalise(Object x, Object w, Object y, long at, int n, float eps) {
        FloatVector squares = Lanes.zero();
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector a = Lanes.load(x, at + i, n - i);
            squares = a.fma(a, squares);
        }
        float r = (float) (1 / Math.sqrt(Lanes.sum(squares) / n + eps));
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector z = Lanes.load(x, at + i, n - i).mul(r);
            Lanes.store(y, at + i, z.mul(Lanes.load(w, i, n - i)), n - i);
        }
        return r;
    }

    /** With z = r x and g = u w: dw += u z, and mean(g z). */
    public static float weigh(Object x, Object w, Object u, float[] dw, long at, int n, float r) {
        FloatVector products = Lanes.zero();
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector uz = Lanes.load(u, at + i, n - i)
                    .mul(Lanes.load(x, at + i, n - i).mul(r));
            FloatVector.fromArray(Lanes.SPECIES, dw, i).add(uz).intoArray(dw, i);
            products = uz.fma(Lanes.load(w, i, n - i), products);
        }
        return Lanes.sum(products) / n;
    }

    /** dx = r (g - z mean), with that mean, written or added. */
    public static void spread(
            Object x, Object w, Object u, Object dx, long at, int n, float r, float mean, boolean add) {
        FloatVector slope = Lanes.all(-mean * r * r);
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector g = Lanes.load(u, at + i, n - i).mul(Lanes.load(w, i, n - i));
            FloatVector d = Lanes.load(x, at + i, n - i).fma(slope, g.mul(r));
            Lanes.put(dx, at + i, d, n - i, add);
        }
    }

    /** The same added to another row in the same place as x's, into a scratch row. */
    public static void spread(
            Object x, Object w, Object u, long at, int n, float r, float mean, Object other, Object to, long atTo) {
        FloatVector slope = Lanes.all(-mean * r * r);
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector g = Lanes.load(u, at + i, n - i).mul(Lanes.load(w, i, n - i));
            FloatVector d = Lanes.load(x, at + i, n - i).fma(slope, g.mul(r));
            Lanes.store(to, atTo + i, d.add(Lanes.load(other, at + i, n - i)), n - i);
        }
    }
}
