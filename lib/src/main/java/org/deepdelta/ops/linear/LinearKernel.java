package org.deepdelta.ops.linear;

import java.util.Arrays;
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
                    Lanes.set(y, row * m + j, dot(x, row * n, w, (long) j * n, n) + b);
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

    private static float dot(Object a, long atA, Object b, long atB, int n) {
        FloatVector sum = Lanes.zero();
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            sum = Lanes.load(a, atA + i, n - i).fma(Lanes.load(b, atB + i, n - i), sum);
        }
        return Lanes.sum(sum);
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
        Lanes.rows(rows, row -> {
            for (int j = 0; j < m; j++) {
                scaled(w, (long) j * n, Lanes.get(u, row * m + j), to, row * n, n, add || j > 0);
            }
        });
    }

    private static void scaled(Object from, long atFrom, float factor, Object to, long at, int n, boolean add) {
        FloatVector f = Lanes.all(factor);
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            Lanes.put(to, at + i, Lanes.load(from, atFrom + i, n - i).mul(f), n - i, add);
        }
    }

    /** dw_j = sum over rows of u_j x. */
    private static void weight(Call c, Call.Sum dw) {
        int m = (int) c.in(1).shape().axis(0);
        int n = (int) c.in(1).shape().axis(1);
        long rows = c.in(0).shape().rows();
        Object u = Lanes.of(c.upstream(0));
        Object x = Lanes.of(c.in(0));
        Object to = Lanes.of(dw.tensor());
        float[] sum = new float[Lanes.padded(n)];
        for (int j = 0; j < m; j++) {
            Arrays.fill(sum, 0);
            int output = j;
            Lanes.rows(rows, row -> accumulate(x, row * n, Lanes.get(u, row * m + output), sum, n));
            for (int i = 0; i < n; i += Lanes.WIDTH) {
                Lanes.put(to, (long) j * n + i, FloatVector.fromArray(Lanes.SPECIES, sum, i), n - i, dw.add());
            }
        }
    }

    private static void accumulate(Object x, long at, float factor, float[] sum, int n) {
        FloatVector f = Lanes.all(factor);
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector old = FloatVector.fromArray(Lanes.SPECIES, sum, i);
            Lanes.load(x, at + i, n - i).fma(f, old).intoArray(sum, i);
        }
    }

    private static void bias(Call c, Call.Sum db) {
        int m = (int) c.in(1).shape().axis(0);
        long rows = c.in(0).shape().rows();
        Object u = Lanes.of(c.upstream(0));
        Object to = Lanes.of(db.tensor());
        float[] sum = new float[Lanes.padded(m)];
        Lanes.rows(rows, row -> accumulate(u, row * m, 1, sum, m));
        for (int i = 0; i < m; i += Lanes.WIDTH) {
            Lanes.put(to, i, FloatVector.fromArray(Lanes.SPECIES, sum, i), m - i, db.add());
        }
    }
}
