package org.deepdelta.ops.swiglu;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Elementary;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;

/**
 * A row at a time, its sigmoids first. Inner widths are rarely a multiple of the vector's (341 at d = 128), so the last vector of a row
 * ends where the row ends and computes some elements a second time.
 */
final class SwiGluKernel implements Kernel {

    @Override
    public void forward(Call c) {
        int m = (int) c.out(0).shape().axis(-1);
        long rows = c.in(0).shape().rows();
        Object ab = Lanes.of(c.in(0));
        Object y = Lanes.of(c.out(0));
        float[] s = new float[Lanes.padded(m)];
        Lanes.rows(rows, row -> {
            sigmoids(ab, 2 * row * m, m, s);
            gate(ab, y, row * m, m, s);
        });
    }

    private static void sigmoids(Object ab, long at, int m, float[] s) {
        int last = Math.max(0, m - Lanes.WIDTH);
        for (int i = 0; i < m; i += Lanes.WIDTH) {
            int j = Math.min(i, last);
            Elementary.sigmoid(Lanes.load(ab, at + j, m)).intoArray(s, j);
        }
    }

    private static void gate(Object ab, Object y, long at, int m, float[] s) {
        int last = Math.max(0, m - Lanes.WIDTH);
        for (int i = 0; i < m; i += Lanes.WIDTH) {
            int j = Math.min(i, last);
            FloatVector silu = Lanes.load(ab, 2 * at + j, m).mul(FloatVector.fromArray(Lanes.SPECIES, s, j));
            Lanes.store(y, at + j, silu.mul(Lanes.load(ab, 2 * at + m + j, m)), m);
        }
    }

    @Override
    public void backward(Call c) {
        int m = (int) c.out(0).shape().axis(-1);
        long rows = c.in(0).shape().rows();
        Object ab = Lanes.of(c.in(0));
        Object u = Lanes.of(c.upstream(0));
        Object d = Lanes.of(c.gradient(0));
        float[] s = new float[Lanes.padded(m)];
        Lanes.rows(rows, row -> {
            sigmoids(ab, 2 * row * m, m, s);
            differentiate(ab, u, d, row * m, m, s);
        });
    }

    /** With s = sigmoid(a): da = u b s (1 + a (1 - s)), db = u a s. */
    private static void differentiate(Object ab, Object u, Object d, long at, int m, float[] sigmoids) {
        int last = Math.max(0, m - Lanes.WIDTH);
        for (int i = 0; i < m; i += Lanes.WIDTH) {
            int j = Math.min(i, last);
            FloatVector a = Lanes.load(ab, 2 * at + j, m);
            FloatVector s = FloatVector.fromArray(Lanes.SPECIES, sigmoids, j);
            FloatVector us = Lanes.load(u, at + j, m).mul(s);
            FloatVector ua = us.mul(a);
            FloatVector slope = us.add(ua).sub(ua.mul(s));
            Lanes.store(d, 2 * at + j, slope.mul(Lanes.load(ab, 2 * at + m + j, m)), m);
            Lanes.store(d, 2 * at + m + j, ua, m);
        }
    }
}
