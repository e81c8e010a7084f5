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
        Lanes.rows(rows, row -> Lanes.set(inverse, row, RmsRows.normalise(x, w, y, row * n, n, (float) eps)));
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
                float mean = RmsRows.weigh(x, w, u, dw, row * n, n, r);
                RmsRows.spread(x, w, u, dx, row * n, n, r, mean, add);
            });
        } else {
            Lanes.rows(rows, row -> weight(x, u, dw, row * n, n, Lanes.get(inverse, row)));
        }
        if (c.wants(1)) {
            Call.Sum sum = c.sum(1);
            Object gradient = Lanes.of(sum.tensor());
            Lanes.putRow(dw, 0, gradient, 0, n, sum.add());
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
