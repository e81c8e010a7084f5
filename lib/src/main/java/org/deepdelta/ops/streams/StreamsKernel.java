package org.deepdelta.ops.streams;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Shape;

/** One token at a time, whose streams stay in the cache: every result row is one pass over the rows that it is made of. */
final class StreamsKernel implements Kernel {

    @Override
    public void forward(Call c) {
        Sizes z = new Sizes(c);
        Object h = Lanes.of(c.in(0));
        Object a = Lanes.of(c.in(1));
        Object b = z.extra ? Lanes.of(c.in(2)) : null;
        Object y = z.extra ? Lanes.of(c.in(3)) : null;
        Object out = Lanes.of(c.out(0));
        float[] w = new float[z.n];
        Lanes.rows(z.tokens, t -> {
            for (int i = 0; i < z.m; i++) {
                for (int j = 0; j < z.n; j++) {
                    w[j] = Lanes.get(a, z.a(t, j, i));
                }
                if (z.extra) {
                    scale(y, t * z.d, Lanes.get(b, z.b(t, i)), out, z.out(t, i), z.d);
                }
                blend(h, z.in(t, 0), w, out, z.out(t, i), z.d, z.extra);
            }
        });
    }

    private static void scale(Object from, long at, float factor, Object to, long out, int d) {
        FloatVector f = Lanes.all(factor);
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            Lanes.store(to, out + i, Lanes.load(from, at + i, d - i).mul(f), d - i);
        }
    }

    /** Writes the weighted sum of consecutive rows, or adds it. */
    private static void blend(Object rows, long at, float[] w, Object to, long out, int d, boolean add) {
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector sum = Lanes.load(rows, at + i, d - i).mul(Lanes.all(w[0]));
            for (int j = 1; j < w.length; j++) {
                sum = Lanes.load(rows, at + (long) j * d + i, d - i).fma(Lanes.all(w[j]), sum);
            }
            Lanes.put(to, out + i, sum, d - i, add);
        }
    }

    @Override
    public void backward(Call c) {
        Sizes z = new Sizes(c);
        Object u = Lanes.of(c.upstream(0));
        if (c.wants(0)) {
            streams(z, c.sum(0), Lanes.of(c.in(1)), u);
        }
        if (c.wants(1)) {
            products(z, c.sum(1), Lanes.of(c.in(0)), u, z.n, z.aShared);
        }
        if (z.extra && c.wants(2)) {
            // U y is y U' with its axes swapped, which are 1 and m
            products(z, c.sum(2), Lanes.of(c.in(3)), u, 1, z.bShared);
        }
        if (z.extra && c.wants(3)) {
            vector(z, c.sum(3), Lanes.of(c.in(2)), u);
        }
    }

    /** dH = A U. */
    private static void streams(Sizes z, Call.Sum dh, Object a, Object u) {
        Object to = Lanes.of(dh.tensor());
        boolean add = dh.add();
        float[] w = new float[z.m];
        Lanes.rows(z.tokens, t -> {
            for (int j = 0; j < z.n; j++) {
                for (int i = 0; i < z.m; i++) {
                    w[i] = Lanes.get(a, z.a(t, j, i));
                }
                blend(u, z.out(t, 0), w, to, z.in(t, j), z.d, add);
            }
        });
    }

    /** dy = U'b. */
    private static void vector(Sizes z, Call.Sum dy, Object b, Object u) {
        Object to = Lanes.of(dy.tensor());
        boolean add = dy.add();
        float[] w = new float[z.m];
        Lanes.rows(z.tokens, t -> {
            for (int i = 0; i < z.m; i++) {
                w[i] = Lanes.get(b, z.b(t, i));
            }
            blend(u, z.out(t, 0), w, to, t * z.d, z.d, add);
        });
    }

    /** The inner products of a token's {@code rows} rows with its m upstream rows; summed over the tokens if they share them. */
    private static void products(Sizes z, Call.Sum gradient, Object from, Object u, int rows, boolean shared) {
        Object to = Lanes.of(gradient.tensor());
        boolean add = gradient.add();
        int size = rows * z.m;
        double[] sums = new double[shared ? size : 0];
        Lanes.rows(z.tokens, t -> {
            for (int k = 0; k < size; k++) {
                float p = Lanes.dot(from, (t * rows + k / z.m) * z.d, u, z.out(t, k % z.m), z.d);
                if (shared) {
                    sums[k] += p;
                } else {
                    put(to, t * size + k, p, add);
                }
            }
        });
        for (int k = 0; k < sums.length; k++) {
            put(to, k, (float) sums[k], add);
        }
    }

    private static void put(Object to, long at, float value, boolean add) {
        Lanes.set(to, at, add ? Lanes.get(to, at) + value : value);
    }

    /** Where things are; a coefficient that all tokens share has no step from one to the next. */
    private static final class Sizes {
        final long tokens;
        final int n;
        final int m;
        final int d;
        final boolean extra;
        final boolean aShared;
        final boolean bShared;

        Sizes(Call c) {
            Shape h = c.in(0).shape();
            tokens = h.axis(0) * h.axis(1);
            n = (int) h.axis(2);
            d = (int) h.axis(3);
            m = (int) c.in(1).shape().axis(-1);
            extra = c.inputs() > 2;
            aShared = c.in(1).shape().rank() == 2;
            bShared = extra && c.in(2).shape().rank() == 2;
        }

        long in(long t, int j) {
            return (t * n + j) * d;
        }

        long out(long t, int i) {
            return (t * m + i) * d;
        }

        long a(long t, int j, int i) {
            return ((aShared ? 0 : t) * n + j) * m + i;
        }

        long b(long t, int i) {
            return (bShared ? 0 : t) * m + i;
        }
    }
}
