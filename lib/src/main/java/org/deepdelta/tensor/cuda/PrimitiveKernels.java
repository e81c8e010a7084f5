package org.deepdelta.tensor.cuda;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Primitive;
import org.deepdelta.tensor.Tensor;

/** Which kernel runs a primitive on CUDA. They are here and not beside the references, because the tape's package knows nothing of CUDA. */
final class PrimitiveKernels {
    static final CudaSource CU = CudaSource.beside(PrimitiveKernels.class, "primitives.cu");
    static final int THREADS = 256;

    private PrimitiveKernels() {}

    /** The kernel, or null for one that is not known here. */
    static Kernel of(Primitive p) {
        return switch (p.name()) {
            case "add" -> new BinaryCuda(BinaryCuda.ADD);
            case "subtract" -> new BinaryCuda(BinaryCuda.SUBTRACT);
            case "multiply" -> new BinaryCuda(BinaryCuda.MULTIPLY);
            case "sigmoid" -> new UnaryCuda(UnaryCuda.SIGMOID, 0, 0);
            case "tanh" -> new UnaryCuda(UnaryCuda.TANH, 0, 0);
            case "relu" -> new UnaryCuda(UnaryCuda.RELU, 0, 0);
            case "exp" -> new UnaryCuda(UnaryCuda.EXP, 0, 0);
            case "scale" -> new UnaryCuda(UnaryCuda.AFFINE, number(p, 0), 0);
            case "shift" -> new UnaryCuda(UnaryCuda.AFFINE, 1, number(p, 0));
            case "power" -> new UnaryCuda(UnaryCuda.POWER, number(p, 0), 0);
            case "softmax" -> new Softmax();
            case "sum" -> new SumCuda(p.settings().isEmpty() ? null : axis(p, 0));
            case "matmul" -> new MatMulCuda();
            case "concat" -> new MoveCuda.Concat(axis(p, 0));
            case "slice" -> new MoveCuda.Slice(axis(p, 0), p.settings().get(1).longValue());
            case "transpose" ->
                new MoveCuda.Transpose(
                        p.settings().stream().mapToInt(Number::intValue).toArray());
            case "gather" -> new Gather();
            case "cast", "store" -> new Copy();
            default -> null;
        };
    }

    private static float number(Primitive p, int i) {
        return p.settings().get(i).floatValue();
    }

    private static int axis(Primitive p, int i) {
        return p.settings().get(i).intValue();
    }

    /** Whether all are of the one type F32, or all BF16. */
    static boolean single(Tensor... in) {
        for (Tensor x : in) {
            if (x.type() != in[0].type() || x.type() != DType.F32 && x.type() != DType.BF16) {
                return false;
            }
        }
        return true;
    }

    /** As many threads as a row of that width gives work to. */
    static int threads(long width) {
        return width <= 32 ? 32 : width <= 128 ? 128 : THREADS;
    }

    /** Along rows, a block each. */
    private record Softmax() implements Kernel {
        @Override
        public void forward(Call c) {
            Tensor x = c.in(0);
            int n = (int) x.shape().axis(-1);
            CU.launch(c, x.type(), "softmax_forward", Grid.of(x.shape().rows(), threads(n)), x, c.out(0), n);
        }

        @Override
        public void backward(Call c) {
            Tensor y = c.out(0);
            int n = (int) y.shape().axis(-1);
            Grid grid = Grid.of(y.shape().rows(), threads(n));
            CU.launch(c, y.type(), "softmax_backward", grid, y, c.upstream(0), c.gradient(0), n);
        }
    }

    /** Another type or order of the same elements. */
    private record Copy() implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return true;
        }

        @Override
        public void forward(Call c) {
            c.device().copy(c.in(0), c.out(0));
        }

        @Override
        public void backward(Call c) {
            c.device().copy(c.upstream(0), c.gradient(0, c.gradientType(0)));
        }
    }

    /** Rows of a table; an id outside of it gives a row of NaN, since nobody waits to hear of it. */
    private record Gather() implements Kernel {
        @Override
        public boolean takes(Tensor... in) {
            return single(in[0]) && Kernel.super.takes(in);
        }

        @Override
        public void forward(Call c) {
            Tensor table = c.in(0);
            int d = (int) table.shape().axis(1);
            Grid grid = Grid.of(c.in(1).size(), threads(d));
            CU.launch(
                    c,
                    table.type(),
                    "gather_forward",
                    grid,
                    table,
                    c.in(1),
                    c.out(0),
                    table.shape().axis(0),
                    d);
        }

        @Override
        public void backward(Call c) {
            DType type = c.gradientType(0);
            Tensor table = c.in(0);
            int d = (int) table.shape().axis(1);
            int threads = threads(d);
            String kernel = type == table.type() ? "gather_backward" : "gather_backward_float";
            Grid grid = Grid.of(table.shape().axis(0), (d + threads - 1) / threads, 1, threads);
            long n = c.in(1).size();
            CU.launch(c, table.type(), kernel, grid, c.in(1), c.upstream(0), c.gradient(0, type), n, d);
        }
    }
}
