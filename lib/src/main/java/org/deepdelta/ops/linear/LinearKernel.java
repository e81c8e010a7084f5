package org.deepdelta.ops.linear;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Blas;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Matrix;

/** Matrix products by BLAS; for a few outputs, as the gate and value branches have, sums of our own that read x once. */
final class LinearKernel implements Kernel {
    /** Up to so many outputs our own loops are faster than a matrix product. */
    private static final int FEW = 8;

    @Override
    public void forward(Call c) {
        int m = (int) c.in(1).shape().axis(0);
        Object y = Lanes.of(c.out(0));
        long rows = c.in(0).shape().rows();
        if (m <= FEW) {
            Object bias = c.inputs() > 2 ? Lanes.of(c.in(2)) : null;
            int n = (int) c.in(1).shape().axis(1);
            Object x = Lanes.of(c.in(0));
            Object w = Lanes.of(c.in(1));
            Lanes.rows(rows, row -> {
                for (int j = 0; j < m; j++) {
                    float b = bias == null ? 0 : Lanes.get(bias, j);
                    Lanes.set(y, row * m + j, Lanes.dot(x, row * n, w, (long) j * n, n) + b);
                }
            });
            return;
        }
        if (c.inputs() > 2) {
            Object bias = Lanes.of(c.in(2));
            for (long row = 0; row < rows; row++) {
                for (int i = 0; i < m; i += Lanes.WIDTH) {
                    Lanes.store(y, row * m + i, Lanes.load(bias, i, m - i), m - i);
                }
            }
        }
        Blas.multiply(
                1, Matrix.of(c.in(0)), Matrix.of(c.in(1)).transpose(), c.inputs() > 2 ? 1 : 0, Matrix.of(c.out(0)));
    }

    @Override
    public void backward(Call c) {
        boolean few = c.in(1).shape().axis(0) <= FEW;
        if (c.wants(0)) {
            if (few) {
                input(c, c.sum(0));
            } else {
                Call.Sum dx = c.sum(0);
                Blas.multiply(
                        1, Matrix.of(c.upstream(0)), Matrix.of(c.in(1)), dx.add() ? 1 : 0, Matrix.of(dx.tensor()));
            }
        }
        if (c.wants(1)) {
            Call.Sum dw = c.sum(1);
            if (few) {
                weight(c, dw);
            } else {
                Matrix u = Matrix.of(c.upstream(0)).transpose();
                Blas.multiply(1, u, Matrix.of(c.in(0)), dw.add() ? 1 : 0, Matrix.of(dw.tensor()));
            }
        }
        if (c.inputs() > 2 && c.wants(2)) {
            bias(c, c.sum(2));
        }
    }

    /** dx = sum_j u_j w_j. */
    private static void input(Call c, Call.Sum dx) {
        int m = (int) c.in(1).shape().axis(0);
        int n = (int) c.in(1).shape().axis(1);
        long rows = c.in(0).shape().rows();
        Object u = Lanes.of(c.upstream(0));
        Object w = Lanes.of(c.in(1));
        Object to = Lanes.of(dx.tensor());
        boolean add = dx.add();
        Lanes.rows(rows, row -> combine(w, n, u, row * m, m, to, row * n, add));
    }

    private static void combine(Object w, int n, Object u, long atU, int m, Object to, long at, boolean add) {
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector sum = add ? Lanes.load(to, at + i, n - i) : Lanes.zero();
            for (int j = 0; j < m; j++) {
                sum = Lanes.load(w, (long) j * n + i, n - i).fma(Lanes.all(Lanes.get(u, atU + j)), sum);
            }
            Lanes.store(to, at + i, sum, n - i);
        }
    }

    /** dw_j = sum over rows of u_j x, four rows at a time. */
    private static void weight(Call c, Call.Sum dw) {
        int m = (int) c.in(1).shape().axis(0);
        int n = (int) c.in(1).shape().axis(1);
        int stride = Lanes.padded(n);
        long rows = c.in(0).shape().rows();
        Object u = Lanes.of(c.upstream(0));
        Object x = Lanes.of(c.in(0));
        Object to = Lanes.of(dw.tensor());
        float[] sums = new float[m * stride];
        Lanes.rows(rows / 4, block -> {
            for (int j = 0; j < m; j++) {
                accumulate(x, 4 * block * n, n, u, 4 * block * m + j, m, sums, j * stride);
            }
        });
        Lanes.rows(rows % 4, end -> {
            long row = rows - rows % 4 + end;
            for (int j = 0; j < m; j++) {
                accumulate(x, row * n, Lanes.get(u, row * m + j), sums, j * stride, n);
            }
        });
        for (int j = 0; j < m; j++) {
            for (int i = 0; i < n; i += Lanes.WIDTH) {
                FloatVector sum = FloatVector.fromArray(Lanes.SPECIES, sums, j * stride + i);
                Lanes.put(to, (long) j * n + i, sum, n - i, dw.add());
            }
        }
    }

    /** Adds four rows, each with its factor, one after the other. */
    private static void accumulate(Object x, long at, int n, Object u, long atU, int m, float[] sums, int to) {
        FloatVector a = Lanes.all(Lanes.get(u, atU));
        FloatVector b = Lanes.all(Lanes.get(u, atU + m));
        FloatVector c = Lanes.all(Lanes.get(u, atU + 2L * m));
        FloatVector d = Lanes.all(Lanes.get(u, atU + 3L * m));
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector sum = FloatVector.fromArray(Lanes.SPECIES, sums, to + i);
            sum = Lanes.load(x, at + i, n - i).fma(a, sum);
            sum = Lanes.load(x, at + n + i, n - i).fma(b, sum);
            sum = Lanes.load(x, at + 2L * n + i, n - i).fma(c, sum);
            Lanes.load(x, at + 3L * n + i, n - i).fma(d, sum).intoArray(sums, to + i);
        }
    }

    private static void accumulate(Object x, long at, float factor, float[] sums, int to, int n) {
        FloatVector f = Lanes.all(factor);
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector old = FloatVector.fromArray(Lanes.SPECIES, sums, to + i);
            Lanes.load(x, at + i, n - i).fma(f, old).intoArray(sums, to + i);
        }
    }

    private static void bias(Call c, Call.Sum db) {
        int m = (int) c.in(1).shape().axis(0);
        long rows = c.in(0).shape().rows();
        Object u = Lanes.of(c.upstream(0));
        Object to = Lanes.of(db.tensor());
        float[] sum = new float[Lanes.padded(m)];
        Lanes.rows(rows, row -> accumulate(u, row * m, 1, sum, 0, m));
        for (int i = 0; i < m; i += Lanes.WIDTH) {
            Lanes.put(to, i, FloatVector.fromArray(Lanes.SPECIES, sum, i), m - i, db.add());
        }
    }
}
