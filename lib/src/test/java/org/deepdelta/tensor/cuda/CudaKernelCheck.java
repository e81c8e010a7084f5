package org.deepdelta.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.ExpectedTensor;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Runs an operation's CUDA kernel on the CPU against its reference in double, forward and backward, on memory that is full of NaN; in F32
 * and in BF16, where the reference gets the rounded inputs. Every input is used twice, so that gradients are once written and once added. A
 * second run with threads and blocks in reverse order must give the same bits.
 */
public final class CudaKernelCheck {
    private static final long SPACE = 1 << 18;

    private final SplittableRandom random = new SplittableRandom(11);
    private final List<Input> inputs = new ArrayList<>();
    private final Op op;
    private double single = 2e-6;
    private double half = 0.012; // three units in the last place of the largest entry

    private record Input(String name, boolean channelMajor, boolean weight, double[] values, int[] ids, long[] sizes) {}

    /** For any operation. */
    public CudaKernelCheck(Op op) {
        this.op = op;
    }

    /** An input with normally distributed elements, of the storage type. */
    public CudaKernelCheck input(String name, long... sizes) {
        return input(name, false, sizes);
    }

    /** The same, perhaps stored channel-major. */
    public CudaKernelCheck input(String name, boolean channelMajor, long... sizes) {
        return add(name, channelMajor, false, sizes);
    }

    /** A parameter: stored in the storage type, its gradient goes to an F32 tensor. */
    public CudaKernelCheck weight(String name, long... sizes) {
        return add(name, false, true, sizes);
    }

    private CudaKernelCheck add(String name, boolean channelMajor, boolean weight, long... sizes) {
        double[] values = new double[(int) Shape.of(sizes).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        inputs.add(new Input(name, channelMajor, weight, values, null, sizes));
        return this;
    }

    /** Token ids or targets. */
    public CudaKernelCheck ids(String name, int[] ids, long... sizes) {
        inputs.add(new Input(name, false, false, null, ids, sizes));
        return this;
    }

    /** Tolerance in F32, relative to the largest entry of each tensor. */
    public CudaKernelCheck within(double largest) {
        single = largest;
        return this;
    }

    /** Tolerance in BF16. */
    public CudaKernelCheck halfWithin(double largest) {
        half = largest;
        return this;
    }

    /** Both types. */
    public void run() {
        runSingle();
        runHalf();
    }

    /** F32 alone. */
    public void runSingle() {
        run(DType.F32, single);
    }

    /** BF16 alone. */
    public void runHalf() {
        run(DType.BF16, half);
    }

    private void run(DType type, double tolerance) {
        Result expected = run(Device.reference(), DType.F64, type);
        Result actual = run(HostDevices.forward(), type, type);
        assertEquals(Map.of(op.name() + " cuda", 2), actual.ran, "a reference ran in place of the kernel");
        for (int i = 0; i < expected.tensors.size(); i++) {
            String what = op.name() + ": " + type + " " + expected.names.get(i);
            new ExpectedTensor(what, expected.tensors.get(i)).assertNear(actual.tensors.get(i), tolerance);
        }
        Result reversed = run(HostDevices.reversed(), type, type);
        for (int i = 0; i < expected.tensors.size(); i++) {
            double[] once = actual.tensors.get(i);
            double[] again = reversed.tensors.get(i);
            for (int j = 0; j < once.length; j++) {
                int element = j;
                String what = type + " " + expected.names.get(i);
                assertEquals(
                        Double.doubleToRawLongBits(once[j]),
                        Double.doubleToRawLongBits(again[j]),
                        () -> String.format(
                                Locale.ROOT,
                                "%s: %s element %d: %g, with threads in reverse order %g: a barrier is missing",
                                op.name(),
                                what,
                                element,
                                once[element],
                                again[element]));
            }
        }
    }

    private record Result(List<String> names, List<double[]> tensors, Map<String, Integer> ran) {
        void add(String name, Tensor tensor) {
            names.add(name);
            tensors.add(tensor.toDoubles());
        }
    }

    private Result run(Device device, DType type, DType rounded) {
        Arena arena = device.arena();
        if (type == DType.F64) {
            device.fill(
                    arena.allocate(Spec.of(type, Shape.of(SPACE))), Double.NaN); // HostGpu's new memory is so by itself
            arena.reset();
        }
        Tape t = Tape.recording(device, arena);
        Tensor[] in = new Tensor[inputs.size()];
        for (int i = 0; i < in.length; i++) {
            in[i] = place(t, inputs.get(i), type, rounded);
        }
        Tensor[] y = t.applyAll(op, in);
        Tensor[] again = t.applyAll(op, in);
        Map<String, Integer> ran = Map.copyOf(t.ran());
        Result result = new Result(new ArrayList<>(), new ArrayList<>(), ran);
        SplittableRandom seeds = new SplittableRandom(5);
        for (int i = 0; i < y.length; i++) {
            double[] seed = new double[(int) y[i].size()];
            for (int j = 0; j < seed.length; j++) {
                seed[j] = round((float) seeds.nextGaussian(), rounded);
            }
            result.add("output " + i, y[i]);
            Tensor upstream = device.allocate(y[i].spec()).set(seed);
            t.backward(t.add(y[i], again[i]), upstream);
        }
        for (int i = 0; i < in.length; i++) {
            if (inputs.get(i).ids == null) {
                result.add("gradient of " + inputs.get(i).name, t.gradient(in[i]));
            }
        }
        arena.close();
        return result;
    }

    private static Tensor place(Tape t, Input input, DType type, DType rounded) {
        Device device = t.device();
        Shape shape = Shape.of(input.sizes);
        if (input.ids != null) {
            return device.allocate(Spec.of(DType.I32, shape)).set(input.ids);
        }
        double[] values = input.values.clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = round((float) values[i], rounded);
        }
        Tensor tensor =
                device.allocate(new Spec(type, shape, input.channelMajor)).set(values);
        if (input.weight && type == DType.BF16) {
            t.parameter(tensor, device.allocate(Spec.of(DType.F32, shape)), false);
            return tensor;
        }
        return t.variable(tensor);
    }

    /** To the nearest bf16, ties to even. */
    private static double round(float x, DType type) {
        if (type != DType.BF16) {
            return x;
        }
        int bits = Float.floatToRawIntBits(x);
        return Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF0000);
    }
}
