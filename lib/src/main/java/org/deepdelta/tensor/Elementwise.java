package org.deepdelta.tensor;

import jdk.incubator.vector.FloatVector;

/** Passes over the elements of F32 tensors of equal layout, in blocks that fit the first cache. */
final class Elementwise {
    private static final int BLOCK = 1024;

    private Elementwise() {}

    /** {@code to = factor x}, or adds it. */
    static void scale(Tensor x, float factor, Tensor to, boolean add) {
        Object from = Lanes.of(x);
        Object y = Lanes.of(to);
        blocks(x, (at, n) -> {
            for (int i = 0; i < n; i += Lanes.WIDTH) {
                Lanes.put(y, at + i, Lanes.load(from, at + i, n - i).mul(factor), n - i, add);
            }
        });
    }

    /** {@code to = a + factor b}. */
    static void sum(Tensor a, float factor, Tensor b, Tensor to) {
        Object x = Lanes.of(a);
        Object z = Lanes.of(b);
        Object y = Lanes.of(to);
        blocks(a, (at, n) -> {
            FloatVector f = Lanes.all(factor);
            for (int i = 0; i < n; i += Lanes.WIDTH) {
                FloatVector v = Lanes.load(z, at + i, n - i).fma(f, Lanes.load(x, at + i, n - i));
                Lanes.store(y, at + i, v, n - i);
            }
        });
    }

    /** {@code to = a b}, or adds it. */
    static void product(Tensor a, Tensor b, Tensor to, boolean add) {
        Object x = Lanes.of(a);
        Object z = Lanes.of(b);
        Object y = Lanes.of(to);
        blocks(a, (at, n) -> {
            for (int i = 0; i < n; i += Lanes.WIDTH) {
                FloatVector v = Lanes.load(x, at + i, n - i).mul(Lanes.load(z, at + i, n - i));
                Lanes.put(y, at + i, v, n - i, add);
            }
        });
    }

    /** {@code to = sigmoid(x)}. */
    static void sigmoid(Tensor x, Tensor to) {
        Object from = Lanes.of(x);
        Object y = Lanes.of(to);
        blocks(x, (at, n) -> {
            for (int i = 0; i < n; i += Lanes.WIDTH) {
                Lanes.store(y, at + i, Elementary.sigmoid(Lanes.load(from, at + i, n - i)), n - i);
            }
        });
    }

    /** {@code to = u s (1 - s)}, or adds it. */
    static void sigmoidSlope(Tensor sigmoid, Tensor upstream, Tensor to, boolean add) {
        Object s = Lanes.of(sigmoid);
        Object u = Lanes.of(upstream);
        Object y = Lanes.of(to);
        blocks(sigmoid, (at, n) -> {
            for (int i = 0; i < n; i += Lanes.WIDTH) {
                FloatVector v = Lanes.load(s, at + i, n - i);
                FloatVector d =
                        v.mul(Lanes.load(u, at + i, n - i)).mul(Lanes.all(1).sub(v));
                Lanes.put(y, at + i, d, n - i, add);
            }
        });
    }

    /** {@code to = tanh(x)}. */
    static void tanh(Tensor x, Tensor to) {
        Object from = Lanes.of(x);
        Object y = Lanes.of(to);
        blocks(x, (at, n) -> {
            for (int i = 0; i < n; i += Lanes.WIDTH) {
                Lanes.store(y, at + i, Elementary.tanh(Lanes.load(from, at + i, n - i)), n - i);
            }
        });
    }

    /** {@code to = u (1 - t^2)}, or adds it. */
    static void tanhSlope(Tensor tanh, Tensor upstream, Tensor to, boolean add) {
        Object t = Lanes.of(tanh);
        Object u = Lanes.of(upstream);
        Object y = Lanes.of(to);
        blocks(tanh, (at, n) -> {
            for (int i = 0; i < n; i += Lanes.WIDTH) {
                FloatVector v = Lanes.load(t, at + i, n - i);
                FloatVector d = Lanes.load(u, at + i, n - i).mul(Lanes.all(1).sub(v.mul(v)));
                Lanes.put(y, at + i, d, n - i, add);
            }
        });
    }

    private interface Block {
        void run(long at, int count);
    }

    private static void blocks(Tensor tensor, Block body) {
        long size = tensor.size();
        long blocks = (size + BLOCK - 1) / BLOCK;
        Lanes.rows(blocks, b -> body.run(b * BLOCK, (int) Math.min(BLOCK, size - b * BLOCK)));
    }
}
