package org.deepdelta.experiment.gpu;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * An operation with inputs, which every machine draws alike from the names. It is applied twice, so that a kernel once writes and once adds
 * a gradient.
 *
 * @param name of the case
 * @param inputs what it is applied to
 * @param body the operation
 * @param single tolerance in F32, relative to the largest entry of each tensor
 * @param half tolerance in BF16
 */
record OperationCase(String name, List<Input> inputs, Body body, double single, double half) {
    private static final long SEED = 1;

    /** What kind of tensor an input is. */
    enum Kind {
        /** Of the storage type. */
        ACTIVATION,
        /** A state {@code [.., d, dv]} of the storage type, stored channel-major. */
        STATE,
        /** A parameter of the storage type; its gradient is F32. */
        WEIGHT,
        /** F32 whatever the storage type, and not differentiated: what an optimiser works on. */
        SINGLE,
        /** Token ids. */
        IDS
    }

    /** One input; ids are given, numbers drawn. */
    record Input(String name, Kind kind, int[] ids, long... sizes) {

        private DType type(DType storage) {
            return switch (kind) {
                case IDS -> DType.I32;
                case SINGLE -> storage == DType.F64 ? DType.F64 : DType.F32;
                default -> storage;
            };
        }

        private boolean differentiated() {
            return kind != Kind.SINGLE && kind != Kind.IDS;
        }
    }

    /** The operation on a tape. */
    @FunctionalInterface
    interface Body {
        /** Its outputs. */
        Tensor[] apply(Tape t, Tensor... in);
    }

    /**
     * What came out.
     *
     * @param tensors outputs and gradients by name
     * @param ran the implementations that ran, such as {@code delta cuda}
     */
    record Result(Map<String, double[]> tensors, Set<String> ran) {}

    /** The expected values: in double on the references, from inputs rounded to a storage type. */
    Map<String, double[]> expected(DType rounded) {
        return run(Device.reference(), DType.F64, rounded).tensors;
    }

    /** The case on a device. */
    Result run(Device device, DType type) {
        return run(device, type, type);
    }

    private Result run(Device device, DType type, DType rounded) {
        Arena arena = device.arena();
        Tape t = Tape.recording(device, arena);
        Tensor[] in = new Tensor[inputs.size()];
        boolean differentiated = false;
        for (int i = 0; i < in.length; i++) {
            in[i] = place(t, inputs.get(i), type, rounded);
            differentiated |= inputs.get(i).differentiated();
        }
        Map<String, double[]> tensors = new LinkedHashMap<>();
        Tensor[] y = body.apply(t, in);
        Tensor[] again = differentiated ? body.apply(t, in) : y;
        for (int i = 0; i < y.length; i++) {
            tensors.put("output " + i, y[i].toDoubles());
            if (differentiated) {
                Tensor upstream = arena.allocate(y[i].spec()).set(draw("upstream " + i, y[i].size(), rounded));
                t.backward(t.add(y[i], again[i]), upstream);
            }
        }
        for (int i = 0; i < in.length; i++) {
            if (inputs.get(i).differentiated()) {
                tensors.put(
                        "gradient of " + inputs.get(i).name, t.gradient(in[i]).toDoubles());
            }
        }
        Set<String> ran = new TreeSet<>(t.ran().keySet());
        arena.close();
        return new Result(tensors, ran);
    }

    private Tensor place(Tape t, Input input, DType storage, DType rounded) {
        DType type = input.type(storage);
        Shape shape = Shape.of(input.sizes);
        Tensor tensor = t.allocate(new Spec(type, shape, input.kind == Kind.STATE));
        if (input.kind == Kind.IDS) {
            return tensor.set(input.ids);
        }
        tensor.set(draw(input.name, shape.size(), input.kind == Kind.SINGLE ? DType.F32 : rounded));
        if (input.kind == Kind.WEIGHT && type == DType.BF16) {
            t.parameter(tensor, t.allocate(Spec.of(DType.F32, shape)), false);
            return tensor;
        }
        return input.differentiated() ? t.variable(tensor) : tensor;
    }

    private double[] draw(String what, long count, DType rounded) {
        Rng rng = Rng.of(SEED, name + " " + what);
        double[] values = new double[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = round(rng.normal(i), rounded);
        }
        return values;
    }

    /** To the nearest number of a type, F32 or BF16, ties to even. */
    static double round(double x, DType type) {
        if (type != DType.BF16) {
            return (float) x;
        }
        int bits = Float.floatToRawIntBits((float) x);
        return Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF0000);
    }
}
