package org.deepdelta.tensor;

import org.deepdelta.tensor.Call.Sum;

/** Kernels of the primitives that move, sum or contract elements. Sums run in row-major order. */
final class ShapeKernels {
    static final Kernel SUM_ALL = new SumAll();
    static final Kernel SOFTMAX = new Softmax();
    static final Kernel MATMUL = new MatMul();
    static final Kernel GATHER = new Gather();
    static final Kernel STORE = new Transpose(null);

    private ShapeKernels() {}

    static Kernel sum(int axis) {
        return new SumAxis(axis);
    }

    static Kernel concat(int axis) {
        return new Concat(axis);
    }

    static Kernel slice(int axis, long from) {
        return new Slice(axis, from);
    }

    static Kernel transpose(int... order) {
        return new Transpose(order);
    }

    private static int resolve(int axis, Tensor x) {
        return axis < 0 ? x.shape().rank() + axis : axis;
    }

    private record SumAll() implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return true;
        }

        @Override
        public void forward(Call c) {
            Object x = Lanes.of(c.in(0));
            double sum = 0;
            for (long i = 0; i < c.in(0).size(); i++) {
                sum += Lanes.get(x, i);
            }
            Lanes.set(Lanes.of(c.out(0)), 0, (float) sum);
        }

        @Override
        public void backward(Call c) {
            float u = Lanes.get(Lanes.of(c.upstream(0)), 0);
            Object dx = Lanes.of(c.gradient(0));
            for (long i = 0; i < c.in(0).size(); i++) {
                Lanes.set(dx, i, u);
            }
        }
    }

    private record SumAxis(int axis) implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return true;
        }

        @Override
        public void forward(Call c) {
            ElementKernels.clear(c.out(0));
            Strided x = Strided.of(c.in(0));
            Strided y = Strided.broadcast(c.out(0), c.in(0).shape());
            Strided.walk(
                    c.in(0).shape(),
                    x,
                    y,
                    y,
                    (i, j, k) -> Lanes.set(y.lanes(), j, Lanes.get(y.lanes(), j) + Lanes.get(x.lanes(), i)));
        }

        @Override
        public void backward(Call c) {
            Tensor gradient = c.gradient(0);
            Strided.copy(gradient.shape(), Strided.broadcast(c.upstream(0), gradient.shape()), Strided.of(gradient));
        }
    }

    private record Softmax() implements Kernel {
        @Override
        public void forward(Call c) {
            int n = (int) c.in(0).shape().axis(-1);
            Object x = Lanes.of(c.in(0));
            Object y = Lanes.of(c.out(0));
            for (long at = 0; at < c.in(0).size(); at += n) {
                float max = Lanes.get(x, at);
                for (int i = 1; i < n; i++) {
                    max = Math.max(max, Lanes.get(x, at + i));
                }
                double sum = 0;
                for (int i = 0; i < n; i++) {
                    float e = (float) StrictMath.exp(Lanes.get(x, at + i) - max);
                    Lanes.set(y, at + i, e);
                    sum += e;
                }
                for (int i = 0; i < n; i++) {
                    Lanes.set(y, at + i, (float) (Lanes.get(y, at + i) / sum));
                }
            }
        }

        @Override
        public void backward(Call c) {
            int n = (int) c.in(0).shape().axis(-1);
            Object y = Lanes.of(c.out(0));
            Object u = Lanes.of(c.upstream(0));
            Object dx = Lanes.of(c.gradient(0));
            for (long at = 0; at < c.in(0).size(); at += n) {
                double inner = 0;
                for (int i = 0; i < n; i++) {
                    inner += (double) Lanes.get(y, at + i) * Lanes.get(u, at + i);
                }
                for (int i = 0; i < n; i++) {
                    Lanes.set(dx, at + i, (float) (Lanes.get(y, at + i) * (Lanes.get(u, at + i) - inner)));
                }
            }
        }
    }

    private record MatMul() implements Kernel {
        @Override
        public void forward(Call c) {
            for (long i = 0; i < batches(c); i++) {
                Blas.multiply(1, part(c.in(0), c, i), part(c.in(1), c, i), 0, part(c.out(0), c, i));
            }
        }

        @Override
        public void backward(Call c) {
            Sum da = c.wants(0) ? c.sum(0) : null;
            Sum db = c.wants(1) ? c.sum(1) : null;
            Tensor u = c.upstream(0);
            for (long i = 0; i < batches(c); i++) {
                if (da != null) {
                    Blas.multiply(1, part(u, c, i), part(c.in(1), c, i).transpose(), beta(da), part(da.tensor(), c, i));
                }
                if (db != null) {
                    Blas.multiply(1, part(c.in(0), c, i).transpose(), part(u, c, i), beta(db), part(db.tensor(), c, i));
                }
            }
        }

        private static double beta(Sum sum) {
            return sum.add() ? 1 : 0;
        }

        /** With a plain matrix on the right, all rows of the left are one matrix. */
        private static long batches(Call c) {
            Shape b = c.in(1).shape();
            return b.rank() == 2 ? 1 : b.size() / (b.axis(-1) * b.axis(-2));
        }

        private static Matrix part(Tensor x, Call c, long i) {
            if (c.in(1).shape().rank() == 2) {
                return Matrix.of(x);
            }
            long size = x.shape().axis(-1) * x.shape().axis(-2);
            return Matrix.of(
                    x.part(i * size, Shape.of(x.shape().axis(-2), x.shape().axis(-1))));
        }
    }

    private record Concat(int axis) implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return true;
        }

        @Override
        public void forward(Call c) {
            long at = 0;
            int a = resolve(axis, c.out(0));
            for (int i = 0; i < c.inputs(); i++) {
                Shape shape = c.in(i).shape();
                Strided.copy(shape, Strided.of(c.in(i)), Strided.of(c.out(0)).from(a, at));
                at += shape.axis(a);
            }
        }

        @Override
        public void backward(Call c) {
            long at = 0;
            int a = resolve(axis, c.out(0));
            for (int i = 0; i < c.inputs(); i++) {
                Shape shape = c.in(i).shape();
                if (c.wants(i)) {
                    Strided.copy(shape, Strided.of(c.upstream(0)).from(a, at), Strided.of(c.gradient(i)));
                }
                at += shape.axis(a);
            }
        }
    }

    private record Slice(int axis, long from) implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return true;
        }

        @Override
        public void forward(Call c) {
            int a = resolve(axis, c.in(0));
            Strided.copy(c.out(0).shape(), Strided.of(c.in(0)).from(a, from), Strided.of(c.out(0)));
        }

        @Override
        public void backward(Call c) {
            Tensor gradient = c.gradient(0);
            int a = resolve(axis, gradient);
            ElementKernels.clear(gradient);
            Strided.copy(
                    c.out(0).shape(),
                    Strided.of(c.upstream(0)),
                    Strided.of(gradient).from(a, from));
        }
    }

    /** Copies with the axes in another order; with none, between row-major and channel-major storage. */
    private record Transpose(int... order) implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return true;
        }

        @Override
        public void forward(Call c) {
            Strided x = Strided.of(c.in(0));
            Strided.copy(c.out(0).shape(), order == null ? x : x.permuted(order), Strided.of(c.out(0)));
        }

        @Override
        public void backward(Call c) {
            Strided dx = Strided.of(c.gradient(0));
            Strided.copy(c.out(0).shape(), Strided.of(c.upstream(0)), order == null ? dx : dx.permuted(order));
        }
    }

    private record Gather() implements Kernel {
        @Override
        public void forward(Call c) {
            Tensor table = c.in(0);
            int d = (int) table.shape().axis(1);
            Object from = Lanes.of(table);
            Object ids = Lanes.of(c.in(1));
            Object y = Lanes.of(c.out(0));
            for (long i = 0; i < c.in(1).size(); i++) {
                int id = Lanes.getInt(ids, i);
                if (id < 0 || id >= table.shape().axis(0)) {
                    throw new IndexOutOfBoundsException("gather: id " + id + " at position " + i + ": expected 0 to "
                            + (table.shape().axis(0) - 1));
                }
                for (int j = 0; j < d; j++) {
                    Lanes.set(y, i * d + j, Lanes.get(from, (long) id * d + j));
                }
            }
        }

        @Override
        public void backward(Call c) {
            Tensor gradient = c.gradient(0);
            int d = (int) gradient.shape().axis(1);
            ElementKernels.clear(gradient);
            Object g = Lanes.of(gradient);
            Object ids = Lanes.of(c.in(1));
            Object u = Lanes.of(c.upstream(0));
            for (long i = 0; i < c.in(1).size(); i++) {
                long row = (long) Lanes.getInt(ids, i) * d;
                for (int j = 0; j < d; j++) {
                    Lanes.set(g, row + j, Lanes.get(g, row + j) + Lanes.get(u, i * d + j));
                }
            }
        }
    }
}
