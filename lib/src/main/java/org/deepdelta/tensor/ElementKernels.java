package org.deepdelta.tensor;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Kernels of the primitives that work element by element. Those that a training step runs over whole states (addition, product, scaling,
 * sigmoid) have vector loops of their own; a loop shared through a lambda would hand vectors over as objects.
 */
final class ElementKernels {
    static final Kernel ADD = new Binary(Operator.ADD);
    static final Kernel SUBTRACT = new Binary(Operator.SUBTRACT);
    static final Kernel MULTIPLY = new Binary(Operator.MULTIPLY);
    static final Kernel SIGMOID = new Unary(ElementKernels::sigmoid, ElementKernels::sigmoidBack);
    static final Kernel TANH = new Unary(ElementKernels::tanh, ElementKernels::tanhBack);
    static final Kernel RELU = new Unary(ElementKernels::relu, ElementKernels::reluBack);
    static final Kernel EXP = new Unary(ElementKernels::exp, ElementKernels::multiply);

    private ElementKernels() {}

    /** factor x + offset. */
    static Kernel affine(double factor, double offset) {
        float f = (float) factor;
        float o = (float) offset;
        return new Unary((x, y, n) -> affine(f, o, x, y, n), (y, u, dx, n) -> affine(f, 0, u, dx, n));
    }

    /** x^p, in double. */
    static Kernel power(double p) {
        return new Power(p);
    }

    private enum Operator {
        ADD,
        SUBTRACT,
        MULTIPLY;

        float of(float a, float b) {
            return this == MULTIPLY ? a * b : this == ADD ? a + b : a - b;
        }

        /** The derivative by operand n, the other operand given. */
        float slope(int n, float other) {
            return this == MULTIPLY ? other : this == SUBTRACT && n == 1 ? -1 : 1;
        }
    }

    @FunctionalInterface
    private interface Map {
        void apply(Object x, Object y, long n);
    }

    @FunctionalInterface
    private interface Zip {
        void apply(Object a, Object b, Object y, long n);
    }

    /** y = f(x), and dx from y and u. */
    private record Unary(Map forward, Zip backward) implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return true;
        }

        @Override
        public void forward(Call c) {
            forward.apply(Lanes.of(c.in(0)), Lanes.of(c.out(0)), c.out(0).size());
        }

        @Override
        public void backward(Call c) {
            backward.apply(
                    Lanes.of(c.out(0)),
                    Lanes.of(c.upstream(0)),
                    Lanes.of(c.gradient(0)),
                    c.out(0).size());
        }
    }

    private record Power(double p) implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return true;
        }

        @Override
        public void forward(Call c) {
            Object x = Lanes.of(c.in(0));
            Object y = Lanes.of(c.out(0));
            for (long i = 0; i < c.out(0).size(); i++) {
                Lanes.set(y, i, (float) StrictMath.pow(Lanes.get(x, i), p));
            }
        }

        @Override
        public void backward(Call c) {
            Object x = Lanes.of(c.in(0));
            Object u = Lanes.of(c.upstream(0));
            Object dx = Lanes.of(c.gradient(0));
            for (long i = 0; i < c.out(0).size(); i++) {
                Lanes.set(dx, i, (float) (p * StrictMath.pow(Lanes.get(x, i), p - 1) * Lanes.get(u, i)));
            }
        }
    }

    /** y = a op b with broadcasting; the gradient of an operand that was repeated is a sum, in the order of the result. */
    private record Binary(Operator op) implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return true;
        }

        @Override
        public void forward(Call c) {
            Tensor out = c.out(0);
            Strided a = Strided.broadcast(c.in(0), out.shape());
            Strided b = Strided.broadcast(c.in(1), out.shape());
            Strided y = Strided.of(out);
            if (!whole(c)) {
                Strided.walk(
                        out.shape(),
                        a,
                        b,
                        y,
                        (i, j, k) -> Lanes.set(y.lanes(), k, op.of(Lanes.get(a.lanes(), i), Lanes.get(b.lanes(), j))));
            } else if (op == Operator.MULTIPLY) {
                multiply(a.lanes(), b.lanes(), y.lanes(), out.size());
            } else {
                addScaled(a.lanes(), op.slope(1, 1), b.lanes(), y.lanes(), out.size());
            }
        }

        @Override
        public void backward(Call c) {
            Shape shape = c.out(0).shape();
            Strided u = Strided.of(c.upstream(0));
            for (int n = 0; n < 2; n++) {
                if (c.wants(n)) {
                    Tensor gradient = c.gradient(n);
                    Strided g = Strided.broadcast(gradient, shape);
                    Strided other = Strided.broadcast(c.in(1 - n), shape);
                    if (!whole(c)) {
                        clear(gradient);
                        differentiate(shape, u, g, other, n);
                    } else if (op == Operator.MULTIPLY) {
                        multiply(u.lanes(), other.lanes(), g.lanes(), shape.size());
                    } else {
                        affine(op.slope(n, 1), 0, u.lanes(), g.lanes(), shape.size());
                    }
                }
            }
        }

        private static boolean whole(Call c) {
            Spec spec = c.out(0).spec();
            return c.in(0).spec().equals(spec) && c.in(1).spec().equals(spec);
        }

        private void differentiate(Shape shape, Strided u, Strided g, Strided other, int n) {
            Strided.walk(shape, u, g, other, (i, j, k) -> {
                float slope = op.slope(n, Lanes.get(other.lanes(), k));
                Lanes.set(g.lanes(), j, Lanes.get(g.lanes(), j) + Lanes.get(u.lanes(), i) * slope);
            });
        }
    }

    /** Zeros everywhere. */
    static void clear(Tensor x) {
        fill(x, 0);
    }

    /** The same number everywhere. */
    static void fill(Tensor x, float value) {
        Object lanes = Lanes.of(x);
        FloatVector v = Lanes.all(value);
        for (long i = 0; i < x.size(); i += Lanes.WIDTH) {
            Lanes.store(lanes, i, v, left(x.size(), i));
        }
    }

    /** into += from. */
    static void accumulate(Tensor from, Tensor into) {
        Object sum = Lanes.of(into);
        addScaled(sum, 1, Lanes.of(from), sum, into.size());
    }

    private static void addScaled(Object a, float factor, Object b, Object y, long n) {
        FloatVector f = Lanes.all(factor);
        for (long i = 0; i < n; i += Lanes.WIDTH) {
            int count = left(n, i);
            Lanes.store(y, i, Lanes.load(b, i, count).fma(f, Lanes.load(a, i, count)), count);
        }
    }

    private static void multiply(Object a, Object b, Object y, long n) {
        for (long i = 0; i < n; i += Lanes.WIDTH) {
            int count = left(n, i);
            Lanes.store(y, i, Lanes.load(a, i, count).mul(Lanes.load(b, i, count)), count);
        }
    }

    private static void affine(float factor, float offset, Object x, Object y, long n) {
        FloatVector f = Lanes.all(factor);
        FloatVector o = Lanes.all(offset);
        for (long i = 0; i < n; i += Lanes.WIDTH) {
            int count = left(n, i);
            Lanes.store(y, i, Lanes.load(x, i, count).fma(f, o), count);
        }
    }

    private static void exp(Object x, Object y, long n) {
        for (long i = 0; i < n; i += Lanes.WIDTH) {
            int count = left(n, i);
            Lanes.store(y, i, Elementary.exp(Lanes.load(x, i, count)), count);
        }
    }

    private static void sigmoid(Object x, Object y, long n) {
        for (long i = 0; i < n; i += Lanes.WIDTH) {
            int count = left(n, i);
            Lanes.store(y, i, Elementary.sigmoid(Lanes.load(x, i, count)), count);
        }
    }

    private static void sigmoidBack(Object y, Object u, Object dx, long n) {
        for (long i = 0; i < n; i += Lanes.WIDTH) {
            int count = left(n, i);
            FloatVector s = Lanes.load(y, i, count);
            Lanes.store(dx, i, Lanes.load(u, i, count).mul(s.sub(s.mul(s))), count);
        }
    }

    private static void relu(Object x, Object y, long n) {
        for (long i = 0; i < n; i += Lanes.WIDTH) {
            int count = left(n, i);
            Lanes.store(y, i, Lanes.load(x, i, count).max(0), count);
        }
    }

    private static void reluBack(Object y, Object u, Object dx, long n) {
        for (long i = 0; i < n; i += Lanes.WIDTH) {
            int count = left(n, i);
            VectorMask<Float> off = Lanes.load(y, i, count).compare(VectorOperators.EQ, 0);
            Lanes.store(dx, i, Lanes.load(u, i, count).blend(0, off), count);
        }
    }

    private static void tanh(Object x, Object y, long n) {
        for (long i = 0; i < n; i += Lanes.WIDTH) {
            int count = left(n, i);
            Lanes.store(y, i, Elementary.tanh(Lanes.load(x, i, count)), count);
        }
    }

    private static void tanhBack(Object y, Object u, Object dx, long n) {
        for (long i = 0; i < n; i += Lanes.WIDTH) {
            int count = left(n, i);
            FloatVector v = Lanes.load(y, i, count);
            FloatVector w = Lanes.load(u, i, count);
            Lanes.store(dx, i, w.sub(w.mul(v).mul(v)), count);
        }
    }

    private static int left(long n, long i) {
        return (int) Math.min(Lanes.WIDTH, n - i);
    }
}
