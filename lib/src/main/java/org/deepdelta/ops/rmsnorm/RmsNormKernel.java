package org.deepdelta.ops.rmsnorm;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;

/** A row at a time, two passes each way; keeps r = 1 / sqrt(mean(x^2) + eps) of every row. */
record RmsNormKernel(double eps) implements Kernel {

    @Override
    public void forward(Call c) {
        int n = (int) c.in(0).shape().axis(-1);
        long rows = c.in(0).shape().rows();
        Object x = Lanes.of(c.in(0));
        Object w = Lanes.of(c.in(1));
        Object y = Lanes.of(c.out(0));
        c.save(c.temporary(DType.F32, rows));
        Object inverse = Lanes.of(c.saved(0));
        Lanes.rows(rows, row -> Lanes.set(inverse, row, normalise(x, w, y, row * n, n, (float) eps)));
    }

    private static float normalise(Object x, Object w, Object y, long at, int n, float eps) {
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

    @Override
    public void backward(Call c) {
        int n = (int) c.in(0).shape().axis(-1);
        long rows = c.in(0).shape().rows();
        Object x = Lanes.of(c.in(0));
        Object w = Lanes.of(c.in(1));
        Object u = Lanes.of(c.upstream(0));
        Object inverse = Lanes.of(c.saved(0));
        float[] dw = new float[Lanes.padded(n)];
        if (c.wants(0)) {
            Call.Sum sum = c.sum(0);
            Object dx = Lanes.of(sum.tensor());
            boolean add = sum.add();
            Lanes.rows(rows, row -> {
                float r = Lanes.get(inverse, row);
                float mean = weigh(x, w, u, dw, row * n, n, r);
                spread(x, w, u, dx, row * n, n, r, mean, add);
            });
        } else {
            Lanes.rows(rows, row -> weight(x, u, dw, row * n, n, Lanes.get(inverse, row)));
        }
        if (c.wants(1)) {
            Call.Sum sum = c.sum(1);
            Object gradient = Lanes.of(sum.tensor());
            for (int i = 0; i < n; i += Lanes.WIDTH) {
                Lanes.put(gradient, i, FloatVector.fromArray(Lanes.SPECIES, dw, i), n - i, sum.add());
            }
        }
    }

    /** With z = r x and g = u w: dw += u z, and mean(g z). */
    private static float weigh(Object x, Object w, Object u, float[] dw, long at, int n, float r) {
        FloatVector products = Lanes.zero();
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector uz = Lanes.load(u, at + i, n - i)
                    .mul(Lanes.load(x, at + i, n - i).mul(r));
            FloatVector.fromArray(Lanes.SPECIES, dw, i).add(uz).intoArray(dw, i);
            products = uz.fma(Lanes.load(w, i, n - i), products);
        }
        return Lanes.sum(products) / n;
    }

    /** dx = r (g - z mean). */
    private static void spread(
            Object x, Object w, Object u, Object dx, long at, int n, float r, float mean, boolean add) {
        FloatVector slope = Lanes.all(-mean * r * r);
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector g = Lanes.load(u, at + i, n - i).mul(Lanes.load(w, i, n - i));
            FloatVector d = Lanes.load(x, at + i, n - i).fma(slope, g.mul(r));
            Lanes.put(dx, at + i, d, n - i, add);
        }
    }

    private static void weight(Object x, Object u, float[] dw, long at, int n, float r) {
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector uz = Lanes.load(u, at + i, n - i)
                    .mul(Lanes.load(x, at + i, n - i).mul(r));
            FloatVector.fromArray(Lanes.SPECIES, dw, i).add(uz).intoArray(dw, i);
        }
    }
}
