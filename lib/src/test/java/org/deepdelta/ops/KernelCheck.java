package org.deepdelta.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
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
 * Runs an operation's CPU kernel in single precision against its reference in double, forward and backward, on memory that is full of NaN.
 * Every input is used twice, so that gradients are once written and once added.
 */
final class KernelCheck {
    private static final long SPACE = 1 << 22;

    private final SplittableRandom random = new SplittableRandom(11);
    private final List<Input> inputs = new ArrayList<>();
    private final Op op;
    private double tolerance = 2e-6;

    private record Input(String name, boolean channelMajor, double[] values, int[] ids, long[] sizes) {}

    KernelCheck(Op op) {
        this.op = op;
    }

    /** An input with normally distributed elements. */
    KernelCheck input(String name, long... sizes) {
        return input(name, false, sizes);
    }

    KernelCheck input(String name, boolean channelMajor, long... sizes) {
        double[] values = new double[(int) Shape.of(sizes).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        inputs.add(new Input(name, channelMajor, values, null, sizes));
        return this;
    }

    KernelCheck ids(String name, int[] ids, long... sizes) {
        inputs.add(new Input(name, false, null, ids, sizes));
        return this;
    }

    /** Relative to the largest entry of each tensor. */
    KernelCheck within(double largest) {
        tolerance = largest;
        return this;
    }

    void run() {
        Result expected = run(Device.reference(), DType.F64);
        Result actual = run(Device.cpu(), DType.F32);
        assertEquals(Map.of(op.name() + " cpu", 2), actual.ran, "a reference ran in place of the kernel");
        for (int i = 0; i < expected.tensors.size(); i++) {
            String what = op.name() + ": " + expected.names.get(i);
            new ExpectedTensor(what, expected.tensors.get(i)).assertNear(actual.tensors.get(i), tolerance);
        }
        assertEquals(actual.bits(), run(Device.cpu(), DType.F32).bits(), "bits of a second run");
    }

    private record Result(List<String> names, List<double[]> tensors, Map<String, Integer> ran) {
        void add(String name, Tensor tensor) {
            names.add(name);
            tensors.add(tensor.toDoubles());
        }

        List<Long> bits() {
            List<Long> bits = new ArrayList<>();
            for (double[] tensor : tensors) {
                for (double x : tensor) {
                    bits.add(Double.doubleToRawLongBits(x));
                }
            }
            return bits;
        }
    }

    private Result run(Device device, DType type) {
        Arena arena = device.arena();
        device.fill(arena.allocate(Spec.of(type, Shape.of(SPACE))), Double.NaN);
        arena.reset();
        Tape t = Tape.recording(device, arena);
        Tensor[] in = new Tensor[inputs.size()];
        for (int i = 0; i < in.length; i++) {
            Input input = inputs.get(i);
            DType kind = input.ids == null ? type : DType.I32;
            in[i] = device.allocate(new Spec(kind, Shape.of(input.sizes), input.channelMajor));
            if (input.ids == null) {
                t.variable(in[i].set(input.values));
            } else {
                in[i].set(input.ids);
            }
        }
        Tensor[] y = t.applyAll(op, in);
        Tensor[] again = t.applyAll(op, in);
        Map<String, Integer> ran = Map.copyOf(t.ran());
        Result result = new Result(new ArrayList<>(), new ArrayList<>(), ran);
        SplittableRandom seeds = new SplittableRandom(5);
        for (int i = 0; i < y.length; i++) {
            double[] seed = new double[(int) y[i].size()];
            for (int j = 0; j < seed.length; j++) {
                seed[j] = (float) seeds.nextGaussian();
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
}
