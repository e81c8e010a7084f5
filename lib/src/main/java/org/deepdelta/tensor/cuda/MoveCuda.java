package org.deepdelta.tensor.cuda;

import java.util.Arrays;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tensor;

/** Primitives that move elements. */
final class MoveCuda {
    private MoveCuda() {}

    /** Copies the elements of a shape, each side seen through strides of its own from a first element. */
    static void move(
            Call c, Shape shape, Tensor from, long fromAt, long[] fromStrides, Tensor to, long toAt, long[] toStrides) {
        Axes axes = Axes.of(shape, fromStrides, toStrides).stored(to.spec());
        PrimitiveKernels.CU.launch(
                c,
                from.type(),
                "move",
                Grid.cover(shape.size(), PrimitiveKernels.THREADS),
                from,
                to,
                axes.argument(),
                shape.size(),
                fromAt,
                toAt);
    }

    private static int resolve(int axis, Tensor x) {
        return axis < 0 ? x.shape().rank() + axis : axis;
    }

    /** Joins along an axis. */
    record Concat(int axis) implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return PrimitiveKernels.single(in);
        }

        @Override
        public void forward(Call c) {
            Tensor y = c.out(0);
            long[] strides = Axes.strides(y);
            int a = resolve(axis, y);
            long at = 0;
            for (int i = 0; i < c.inputs(); i++) {
                Tensor x = c.in(i);
                move(c, x.shape(), x, 0, Axes.strides(x), y, at * strides[a], strides);
                at += x.shape().axis(a);
            }
        }

        @Override
        public void backward(Call c) {
            Tensor u = c.upstream(0);
            long[] strides = Axes.strides(u);
            int a = resolve(axis, u);
            long at = 0;
            for (int i = 0; i < c.inputs(); i++) {
                if (c.wants(i)) {
                    Tensor dx = c.gradient(i);
                    move(c, dx.shape(), u, at * strides[a], strides, dx, 0, Axes.strides(dx));
                }
                at += c.in(i).shape().axis(a);
            }
        }
    }

    /** A part of an axis. */
    record Slice(int axis, long from) implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return PrimitiveKernels.single(in);
        }

        @Override
        public void forward(Call c) {
            Tensor x = c.in(0);
            Tensor y = c.out(0);
            long[] strides = Axes.strides(x);
            move(c, y.shape(), x, from * strides[resolve(axis, x)], strides, y, 0, Axes.strides(y));
        }

        @Override
        public void backward(Call c) {
            Tensor dx = c.gradient(0);
            Tensor u = c.upstream(0);
            c.device().fill(dx, 0);
            long[] strides = Axes.strides(dx);
            move(c, u.shape(), u, 0, Axes.strides(u), dx, from * strides[resolve(axis, dx)], strides);
        }
    }

    /** Axes in another order. */
    record Transpose(int... order) implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return PrimitiveKernels.single(in);
        }

        @Override
        public void forward(Call c) {
            Tensor x = c.in(0);
            Tensor y = c.out(0);
            move(c, y.shape(), x, 0, permuted(Axes.strides(x)), y, 0, Axes.strides(y));
        }

        @Override
        public void backward(Call c) {
            Tensor u = c.upstream(0);
            Tensor dx = c.gradient(0);
            move(c, u.shape(), u, 0, Axes.strides(u), dx, 0, permuted(Axes.strides(dx)));
        }

        private long[] permuted(long[] strides) {
            return Arrays.stream(order).mapToLong(i -> strides[i]).toArray();
        }
    }
}
