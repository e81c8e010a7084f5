package org.deepdelta.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The tape's small differentiable operations, each a line forward and a line back; see the methods of {@link Tape}.
 *
 * @param name which one
 * @param settings what it is made with, for devices with kernels of their own: a factor, an exponent, axes, a range
 * @param output how the output follows
 * @param forward the output's elements
 * @param backward the inputs' gradients, from inputs and upstream
 * @param kernel the CPU's
 */
public record Primitive(
        String name,
        List<Number> settings,
        Function<Tensor[], Spec> output,
        Function<INDArray[], INDArray> forward,
        BiFunction<INDArray[], INDArray, INDArray[]> backward,
        Supplier<Kernel> kernel)
        implements Op {

    static final Primitive ADD = binary("add", INDArray::add, (ab, u) -> grads(u, u), () -> ElementKernels.ADD);
    static final Primitive SUBTRACT =
            binary("subtract", INDArray::sub, (ab, u) -> grads(u, u.neg()), () -> ElementKernels.SUBTRACT);
    static final Primitive MULTIPLY = binary(
            "multiply", INDArray::mul, (ab, u) -> grads(u.mul(ab[1]), u.mul(ab[0])), () -> ElementKernels.MULTIPLY);

    static final Primitive SIGMOID = unary(
            "sigmoid",
            List.of(),
            x -> Transforms.sigmoid(x, true),
            (x, u) -> {
                INDArray s = Transforms.sigmoid(x, true);
                return u.mul(s).mul(s.rsub(1));
            },
            () -> ElementKernels.SIGMOID);
    static final Primitive TANH = unary(
            "tanh",
            List.of(),
            x -> Transforms.tanh(x, true),
            (x, u) -> {
                INDArray y = Transforms.tanh(x, true);
                return u.mul(y.mul(y).rsub(1));
            },
            () -> ElementKernels.TANH);
    static final Primitive RELU = unary(
            "relu",
            List.of(),
            x -> Transforms.relu(x, true),
            (x, u) -> u.mul(x.gt(0).castTo(x.dataType())),
            () -> ElementKernels.RELU);
    static final Primitive EXP = unary(
            "exp",
            List.of(),
            x -> Transforms.exp(x, true),
            (x, u) -> u.mul(Transforms.exp(x, true)),
            () -> ElementKernels.EXP);
    static final Primitive SOFTMAX = unary(
            "softmax",
            List.of(),
            Primitive::softmax,
            (x, u) -> {
                INDArray p = softmax(x);
                return p.mul(u.sub(p.mul(u).sum(true, x.rank() - 1)));
            },
            () -> ShapeKernels.SOFTMAX);

    static final Primitive SUM_ALL = new Primitive(
            "sum",
            List.of(),
            in -> Spec.of(in[0].type(), Shape.of()),
            in -> Nd4j.scalar(in[0].dataType(), in[0].sumNumber()),
            (in, u) -> grads(Nd4j.valueArrayOf(in[0].shape(), u.getDouble(0), in[0].dataType())),
            () -> ShapeKernels.SUM_ALL);

    static final Primitive MATMUL = new Primitive(
            "matmul",
            List.of(),
            in -> {
                Shape a = in[0].shape();
                Shape b = in[1].shape();
                long[] head = Arrays.copyOf(a.toArray(), Math.max(0, a.rank() - 2));
                boolean batched = b.rank() > 2;
                require(
                        a.rank() >= 2
                                && b.rank() >= 2
                                && a.axis(-1) == b.axis(-2)
                                && (!batched || Arrays.equals(head, Arrays.copyOf(b.toArray(), b.rank() - 2))),
                        "matmul: expected [..., n, m] and [m, p] or [..., m, p], got " + a + " and " + b);
                return Spec.of(in[0].type(), a.withLast(b.axis(-1)));
            },
            in -> matmul(in[0], in[1]),
            (in, u) -> {
                INDArray da = matmul(u, lastTwoSwapped(in[1]));
                INDArray a = in[0];
                INDArray db = in[1].rank() == 2 ? rows(a).transpose().mmul(rows(u)) : matmul(lastTwoSwapped(a), u);
                return grads(da, db);
            },
            () -> ShapeKernels.MATMUL);

    static final Primitive GATHER = new Primitive(
            "gather",
            List.of(),
            in -> {
                require(
                        in[0].shape().rank() == 2 && in[1].type() == DType.I32,
                        "gather: expected a table [V, d] and I32 ids, got " + in[0].spec() + " and " + in[1].spec());
                return Spec.of(in[0].type(), in[1].shape().plus(in[0].shape().axis(1)));
            },
            in -> {
                int[] ids = in[1].dup('c').data().asInt();
                long[] shape = Arrays.copyOf(in[1].shape(), in[1].rank() + 1);
                shape[in[1].rank()] = in[0].size(1);
                return Nd4j.pullRows(in[0], 1, ids).reshape(shape);
            },
            (in, u) -> {
                int[] ids = in[1].dup('c').data().asInt();
                INDArray flat = rows(u);
                INDArray table = Nd4j.zerosLike(in[0]);
                for (int i = 0; i < ids.length; i++) {
                    table.getRow(ids[i]).addi(flat.getRow(i));
                }
                return new INDArray[] {table, null};
            },
            () -> ShapeKernels.GATHER);

    static Primitive scale(double factor) {
        return unary(
                "scale",
                List.of(factor),
                x -> x.mul(factor),
                (x, u) -> u.mul(factor),
                () -> ElementKernels.affine(factor, 0));
    }

    static Primitive shift(double offset) {
        return unary(
                "shift",
                List.of(offset),
                x -> x.add(offset),
                (x, u) -> u.dup(),
                () -> ElementKernels.affine(1, offset));
    }

    static Primitive power(double p) {
        return unary(
                "power",
                List.of(p),
                x -> Transforms.pow(x, p, true),
                (x, u) -> u.mul(Transforms.pow(x, p - 1, true)).mul(p),
                () -> ElementKernels.power(p));
    }

    static Primitive cast(DType type) {
        return new Primitive(
                "cast",
                List.of(),
                in -> new Spec(type, in[0].shape(), in[0].spec().channelMajor()),
                in -> in[0].castTo(type.nd4j()),
                (in, u) -> grads(u.castTo(in[0].dataType())),
                () -> null);
    }

    static Primitive store(boolean channelMajor) {
        return new Primitive(
                "store",
                List.of(),
                in -> {
                    require(in[0].shape().rank() >= 2, "store: expected [..., d, dv], got " + in[0].shape());
                    return new Spec(in[0].type(), in[0].shape(), channelMajor);
                },
                in -> in[0],
                (in, u) -> grads(u),
                () -> ShapeKernels.STORE);
    }

    static Primitive sum(int axis) {
        return new Primitive(
                "sum",
                List.of(axis),
                in -> {
                    long[] sizes = in[0].shape().toArray();
                    sizes[axis(axis, sizes.length)] = 1;
                    return Spec.of(in[0].type(), Shape.of(sizes));
                },
                in -> in[0].sum(true, axis(axis, in[0].rank())),
                (in, u) -> grads(u.broadcast(in[0].shape())),
                () -> ShapeKernels.sum(axis));
    }

    static Primitive concat(int axis) {
        return new Primitive(
                "concat",
                List.of(axis),
                in -> {
                    long[] sizes = in[0].shape().toArray();
                    int a = axis(axis, sizes.length);
                    for (int i = 1; i < in.length; i++) {
                        long[] other = in[i].shape().toArray();
                        require(other.length == sizes.length, "concat: " + in[0].shape() + " with " + in[i].shape());
                        long along = other[a];
                        other[a] = sizes[a];
                        require(
                                Arrays.equals(other, sizes),
                                "concat along axis " + a + ": " + in[0].shape() + " with " + in[i].shape());
                        sizes[a] += along;
                    }
                    return Spec.of(in[0].type(), Shape.of(sizes));
                },
                in -> Nd4j.concat(axis(axis, in[0].rank()), in),
                (in, u) -> {
                    INDArray[] parts = new INDArray[in.length];
                    long from = 0;
                    for (int i = 0; i < in.length; i++) {
                        int a = axis(axis, in[i].rank());
                        parts[i] = u.get(interval(u, a, from, from + in[i].size(a)));
                        from += in[i].size(a);
                    }
                    return parts;
                },
                () -> ShapeKernels.concat(axis));
    }

    static Primitive slice(int axis, long from, long to) {
        return new Primitive(
                "slice",
                List.of(axis, from, to),
                in -> {
                    long[] sizes = in[0].shape().toArray();
                    int a = axis(axis, sizes.length);
                    require(
                            0 <= from && from < to && to <= sizes[a],
                            "slice " + from + " to " + to + " of axis " + a + " of " + in[0].shape());
                    sizes[a] = to - from;
                    return Spec.of(in[0].type(), Shape.of(sizes));
                },
                in -> in[0].get(interval(in[0], axis(axis, in[0].rank()), from, to)),
                (in, u) -> {
                    INDArray g = Nd4j.zeros(in[0].dataType(), in[0].shape());
                    g.get(interval(g, axis(axis, g.rank()), from, to)).assign(u);
                    return grads(g);
                },
                () -> ShapeKernels.slice(axis, from));
    }

    static Primitive transpose(int... order) {
        int[] inverse = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            inverse[order[i]] = i;
        }
        return new Primitive(
                "transpose",
                List.copyOf(Arrays.stream(order).boxed().toList()),
                in -> {
                    require(
                            in[0].shape().rank() == order.length,
                            "transpose " + Arrays.toString(order) + " of " + in[0].shape());
                    return Spec.of(
                            in[0].type(),
                            Shape.of(Arrays.stream(order)
                                    .mapToLong(a -> in[0].shape().axis(a))
                                    .toArray()));
                },
                in -> in[0].permute(order),
                (in, u) -> grads(u.permute(inverse)),
                () -> ShapeKernels.transpose(order));
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        return new Spec[] {output.apply(in)};
    }

    @Override
    public double flops(Tensor... in) {
        return this == MATMUL ? 2.0 * in[0].size() * in[1].shape().axis(-1) : 0;
    }

    @Override
    public Reference reference() {
        return new Reference() {
            @Override
            public INDArray[] forward(INDArray... in) {
                return new INDArray[] {forward.apply(in)};
            }

            @Override
            public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
                return backward.apply(in, upstream[0]);
            }
        };
    }

    @Override
    public Kernel cpu() {
        return kernel.get();
    }

    private static Primitive unary(
            String name,
            List<Number> settings,
            Function<INDArray, INDArray> f,
            BiFunction<INDArray, INDArray, INDArray> df,
            Supplier<Kernel> kernel) {
        return new Primitive(
                name, settings, in -> in[0].spec(), in -> f.apply(in[0]), (in, u) -> grads(df.apply(in[0], u)), kernel);
    }

    private static Primitive binary(
            String name,
            BiFunction<INDArray, INDArray, INDArray> f,
            BiFunction<INDArray[], INDArray, INDArray[]> df,
            Supplier<Kernel> kernel) {
        return new Primitive(
                name,
                List.of(),
                in -> broadcast(name, in[0], in[1]),
                in -> f.apply(aligned(in[0], in[1]), aligned(in[1], in[0])),
                (in, u) -> {
                    INDArray[] wide = df.apply(new INDArray[] {aligned(in[0], in[1]), aligned(in[1], in[0])}, u);
                    return grads(narrow(wide[0], in[0].shape()), narrow(wide[1], in[1].shape()));
                },
                kernel);
    }

    private static Spec broadcast(String name, Tensor a, Tensor b) {
        require(a.type() == b.type(), name + ": types differ: " + a.spec() + " and " + b.spec());
        if (a.shape().equals(b.shape())) {
            return a.spec().channelMajor() ? a.spec() : b.spec();
        }
        int rank = Math.max(a.shape().rank(), b.shape().rank());
        long[] sizes = new long[rank];
        for (int i = 1; i <= rank; i++) {
            long m = i <= a.shape().rank() ? a.shape().axis(-i) : 1;
            long n = i <= b.shape().rank() ? b.shape().axis(-i) : 1;
            require(m == n || m == 1 || n == 1, name + ": shapes do not broadcast: " + a.shape() + " and " + b.shape());
            sizes[rank - i] = Math.max(m, n);
        }
        Shape shape = Shape.of(sizes);
        boolean channelMajor = (a.spec().channelMajor() && a.shape().equals(shape))
                || (b.spec().channelMajor() && b.shape().equals(shape));
        return new Spec(a.type(), shape, channelMajor);
    }

    /** x with leading axes of size 1 up to other's rank. */
    private static INDArray aligned(INDArray x, INDArray other) {
        if (x.rank() >= other.rank()) {
            return x;
        }
        long[] sizes = new long[other.rank()];
        Arrays.fill(sizes, 1);
        System.arraycopy(x.shape(), 0, sizes, other.rank() - x.rank(), x.rank());
        return x.reshape(sizes);
    }

    /** The gradient of a broadcast: the sum over the axes that were repeated. */
    private static INDArray narrow(INDArray wide, long[] shape) {
        int extra = wide.rank() - shape.length;
        int[] axes = java.util.stream.IntStream.range(0, wide.rank())
                .filter(i -> i < extra || (shape[i - extra] == 1 && wide.size(i) != 1))
                .toArray();
        return (axes.length == 0 ? wide : wide.sum(true, axes)).reshape(shape);
    }

    private static INDArray softmax(INDArray x) {
        int last = x.rank() - 1;
        INDArray e = Transforms.exp(x.sub(x.max(true, last)), false);
        return e.div(e.sum(true, last));
    }

    private static INDArray matmul(INDArray a, INDArray b) {
        long[] shape = a.shape().clone();
        shape[shape.length - 1] = b.size(b.rank() - 1);
        if (b.rank() == 2) {
            return rows(a).mmul(b).reshape(shape);
        }
        long n = a.size(a.rank() - 2);
        long m = a.size(a.rank() - 1);
        long p = b.size(b.rank() - 1);
        INDArray a3 = a.dup('c').reshape(-1, n, m);
        INDArray b3 = b.dup('c').reshape(-1, m, p);
        INDArray out = Nd4j.create(a.dataType(), a3.size(0), n, p);
        for (long i = 0; i < a3.size(0); i++) {
            out.slice(i).assign(a3.slice(i).mmul(b3.slice(i)));
        }
        return out.reshape(shape);
    }

    private static INDArray lastTwoSwapped(INDArray x) {
        int[] order = java.util.stream.IntStream.range(0, x.rank()).toArray();
        order[x.rank() - 1] = x.rank() - 2;
        order[x.rank() - 2] = x.rank() - 1;
        return x.permute(order);
    }

    /** x as a matrix of its last-axis rows. */
    private static INDArray rows(INDArray x) {
        return x.rank() == 2 ? x : x.dup('c').reshape(-1, x.size(x.rank() - 1));
    }

    private static INDArrayIndex[] interval(INDArray x, int axis, long from, long to) {
        INDArrayIndex[] index = new INDArrayIndex[x.rank()];
        Arrays.fill(index, NDArrayIndex.all());
        index[axis] = NDArrayIndex.interval(from, to);
        return index;
    }

    private static int axis(int axis, int rank) {
        int a = axis < 0 ? rank + axis : axis;
        require(a >= 0 && a < rank, "axis " + axis + " of a tensor of rank " + rank);
        return a;
    }

    private static INDArray[] grads(INDArray... gradients) {
        return gradients;
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
