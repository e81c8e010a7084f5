package org.deepdelta.ops.swiglu;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Elementary;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Tensor;

/**
 * One pass each way. Inner widths are rarely a multiple of the vector's (341 at d = 128), so the last vector of a row ends where the row
 * ends and computes some elements a second time.
 */
final class SwiGluKernel implements Kernel {

    @Override
    public void forward(Call c) {
        int m = (int) c.out(0).shape().axis(-1);
        long rows = c.in(0).shape().rows();
        Object ab = Lanes.of(c.in(0));
        Object y = Lanes.of(c.out(0));
        for (long row = 0; row < rows; row++) {
            gate(ab, y, row * m, m);
        }
    }

    private static void gate(Object ab, Object y, long at, int m) {
        int last = Math.max(0, m - Lanes.WIDTH);
        for (int i = 0; i < m; i += Lanes.WIDTH) {
            int j = Math.min(i, last);
            FloatVector a = Lanes.load(ab, 2 * at + j, m - j);
            FloatVector b = Lanes.load(ab, 2 * at + m + j, m - j);
            Lanes.store(y, at + j, a.mul(Elementary.sigmoid(a)).mul(b), m - j);
        }
    }

    @Override
    public void backward(Call c) {
        Tensor gradient = c.gradient(0);
        int m = (int) c.out(0).shape().axis(-1);
        long rows = c.in(0).shape().rows();
        Object ab = Lanes.of(c.in(0));
        Object u = Lanes.of(c.upstream(0));
        Object d = Lanes.of(gradient);
        for (long row = 0; row < rows; row++) {
            differentiate(ab, u, d, row * m, m);
        }
    }

    /** With s = sigmoid(a): da = u b s (1 + a (1 - s)), db = u a s. */
    private static void differentiate(Object ab, Object u, Object d, long at, int m) {
        int last = Math.max(0, m - Lanes.WIDTH);
        for (int i = 0; i < m; i += Lanes.WIDTH) {
            int j = Math.min(i, last);
            FloatVector a = Lanes.load(ab, 2 * at + j, m - j);
            FloatVector b = Lanes.load(ab, 2 * at + m + j, m - j);
            FloatVector s = Elementary.sigmoid(a);
            FloatVector us = Lanes.load(u, at + j, m - j).mul(s);
            FloatVector slope = Lanes.all(1f).sub(s).fma(a, Lanes.all(1f));
            Lanes.store(d, 2 * at + j, us.mul(b).mul(slope), m - j);
            Lanes.store(d, 2 * at + m + j, us.mul(a), m - j);
        }
    }
}
