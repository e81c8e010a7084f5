package org.deepdelta.residual;

import java.util.Arrays;
import java.util.function.Supplier;
import org.deepdelta.model.Gpt;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Memory;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** Adds up what the operations say that they cost. */
final class CountingDevice implements Device {
    private final Device device = Device.cpu();
    private double flops;

    /** FLOPs of the small model's forward pass. */
    long forward(ResidualStream rule) {
        Gpt gpt = new Gpt(StreamRun.sizes(1e-5), rule, this, DType.F32, 1);
        Arena arena = arena();
        Tape t = Tape.evaluating(this, arena);
        int[] ids = new int[StreamRun.TOKENS];
        Arrays.fill(ids, 1);
        flops = 0;
        gpt.logits(t, t.allocate(Spec.of(DType.I32, Shape.of(1, ids.length))).set(ids));
        arena.close();
        return Math.round(flops);
    }

    @Override
    public Choice kernel(Op op, Tensor... in) {
        flops += op.flops(in);
        return device.kernel(op, in);
    }

    @Override
    public String describe() {
        return "counting " + device.describe();
    }

    @Override
    public Memory memory(long bytes) {
        return device.memory(bytes);
    }

    @Override
    public void fill(Tensor tensor, double value) {
        device.fill(tensor, value);
    }

    @Override
    public void copy(Tensor from, Tensor to) {
        device.copy(from, to);
    }

    @Override
    public void add(Tensor from, Tensor into) {
        device.add(from, into);
    }

    @Override
    public <T> T once(Object key, Supplier<T> make) {
        return device.once(key, make);
    }
}
