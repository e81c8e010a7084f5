package org.deepdelta.ops.sinkhorn;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Elementary;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Tensor;

/**
 * As many matrices at a time as a vector has lanes, one in each: nothing crosses lanes, so that bits do not depend on the vector's width.
 * Entry e of the matrices at hand is the vector at e WIDTH of an array. The backward pass computes the rounds again and keeps them.
 */
record SinkhornKernel(int rounds) implements Kernel {

    @Override
    public void forward(Call c) {
        int n = (int) c.in(0).shape().axis(-1);
        Object logits = Lanes.of(c.in(0));
        Object out = Lanes.of(c.out(0));
        long matrices = matrices(c.in(0));
        float[] m = new float[n * n * Lanes.WIDTH];
        Lanes.rows(groups(matrices), group -> {
            int count = count(matrices, group);
            gather(logits, group, count, n * n, m);
            exponential(m, n);
            for (int k = 0; k < 2 * rounds; k++) {
                normalise(m, 0, m, 0, null, 0, n, k);
            }
            scatter(m, out, group, count, n * n);
        });
    }

    @Override
    public void backward(Call c) {
        int n = (int) c.in(0).shape().axis(-1);
        int size = n * n * Lanes.WIDTH;
        Object logits = Lanes.of(c.in(0));
        Object u = Lanes.of(c.upstream(0));
        Object to = Lanes.of(c.gradient(0));
        long matrices = matrices(c.in(0));
        float[] kept = new float[(2 * rounds + 1) * size]; // exp, then every y
        float[] inverses = new float[2 * rounds * n * Lanes.WIDTH];
        float[] g = new float[size];
        Lanes.rows(groups(matrices), group -> {
            int count = count(matrices, group);
            gather(logits, group, count, n * n, kept);
            exponential(kept, n);
            for (int k = 0; k < 2 * rounds; k++) {
                normalise(kept, k * size, kept, (k + 1) * size, inverses, k * n * Lanes.WIDTH, n, k);
            }
            gather(u, group, count, n * n, g);
            for (int k = 2 * rounds - 1; k >= 0; k--) {
                differentiate(kept, (k + 1) * size, inverses, k * n * Lanes.WIDTH, g, n, k);
            }
            for (int at = 0; at < size; at += Lanes.WIDTH) {
                load(g, at).mul(load(kept, at)).intoArray(g, at);
            }
            scatter(g, to, group, count, n * n);
        });
    }

    private static long matrices(Tensor x) {
        return x.size() / (x.shape().axis(-1) * x.shape().axis(-1));
    }

    private static long groups(long matrices) {
        return (matrices + Lanes.WIDTH - 1) / Lanes.WIDTH;
    }

    private static int count(long matrices, long group) {
        return (int) Math.min(Lanes.WIDTH, matrices - group * Lanes.WIDTH);
    }

    /** The group's matrices, one a lane; lanes without one are zero. */
    private static void gather(Object from, long group, int count, int entries, float[] m) {
        for (int lane = 0; lane < Lanes.WIDTH; lane++) {
            long at = (group * Lanes.WIDTH + lane) * entries;
            for (int e = 0; e < entries; e++) {
                m[e * Lanes.WIDTH + lane] = lane < count ? Lanes.get(from, at + e) : 0;
            }
        }
    }

    private static void scatter(float[] m, Object to, long group, int count, int entries) {
        for (int lane = 0; lane < count; lane++) {
            long at = (group * Lanes.WIDTH + lane) * entries;
            for (int e = 0; e < entries; e++) {
                Lanes.set(to, at + e, m[e * Lanes.WIDTH + lane]);
            }
        }
    }

    private static void exponential(float[] m, int n) {
        for (int j = 0; j < n; j++) {
            FloatVector max = load(m, place(j, 0, n, 0));
            for (int i = 1; i < n; i++) {
                max = max.max(load(m, place(j, i, n, 0)));
            }
            for (int i = 0; i < n; i++) {
                int at = place(j, i, n, 0);
                Elementary.exp(load(m, at).sub(max)).intoArray(m, at);
            }
        }
    }

    /** y = x / sum(x) along normalisation k's lines, the inverse sums kept if there is a place for them. */
    private static void normalise(float[] x, int atX, float[] y, int atY, float[] inverses, int atS, int n, int k) {
        for (int line = 0; line < n; line++) {
            FloatVector sum = load(x, atX + place(line, 0, n, k));
            for (int i = 1; i < n; i++) {
                sum = sum.add(load(x, atX + place(line, i, n, k)));
            }
            FloatVector inverse = Lanes.all(1).div(sum);
            for (int i = 0; i < n; i++) {
                int at = place(line, i, n, k);
                load(x, atX + at).mul(inverse).intoArray(y, atY + at);
            }
            if (inverses != null) {
                inverse.intoArray(inverses, atS + line * Lanes.WIDTH);
            }
        }
    }

    /** g becomes (g - <g, y>) / s along normalisation k's lines. */
    private static void differentiate(float[] y, int atY, float[] inverses, int atS, float[] g, int n, int k) {
        for (int line = 0; line < n; line++) {
            FloatVector inner = Lanes.zero();
            for (int i = 0; i < n; i++) {
                int at = place(line, i, n, k);
                inner = load(g, at).fma(load(y, atY + at), inner);
            }
            FloatVector inverse = load(inverses, atS + line * Lanes.WIDTH);
            for (int i = 0; i < n; i++) {
                int at = place(line, i, n, k);
                load(g, at).sub(inner).mul(inverse).intoArray(g, at);
            }
        }
    }

    /** Entry i of a line: of a column for even k, of a row for odd k. */
    private static int place(int line, int i, int n, int k) {
        return (k % 2 == 0 ? i * n + line : line * n + i) * Lanes.WIDTH;
    }

    private static FloatVector load(float[] m, int at) {
        return FloatVector.fromArray(Lanes.SPECIES, m, at);
    }
}
