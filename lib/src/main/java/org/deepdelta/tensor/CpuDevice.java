package org.deepdelta.tensor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The CPU: ND4J for the references, and (if fused) the kernels of the operations for single precision. */
final class CpuDevice implements Device {
    private final boolean fused;
    private final Map<Object, Object> made = new ConcurrentHashMap<>();

    private CpuDevice(boolean fused) {
        this.fused = fused;
    }

    static CpuDevice fused() {
        VectorModule.require();
        return new CpuDevice(true);
    }

    static CpuDevice reference() {
        return new CpuDevice(false);
    }

    @Override
    public String describe() {
        return (fused ? "cpu" : "reference") + ", ND4J "
                + Nd4j.getBackend().getClass().getSimpleName();
    }

    @Override
    public Memory memory(long bytes) {
        return Memory.allocate(bytes);
    }

    @Override
    public Choice kernel(Op op, Tensor... in) {
        Kernel cpu = fused && single(in) ? op.cpu() : null;
        return cpu == null || !cpu.takes(in)
                ? new Choice("reference", new ReferenceKernel(op.reference()))
                : new Choice("cpu", cpu);
    }

    private static boolean single(Tensor... in) {
        for (Tensor tensor : in) {
            if (tensor.type() != DType.F32 && tensor.type() != DType.I32) {
                return false;
            }
        }
        return true;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T once(Object key, Supplier<T> make) {
        return (T) made.computeIfAbsent(key, k -> make.get());
    }

    @Override
    public void fill(Tensor tensor, double value) {
        if (tensor.size() > 0) {
            tensor.view().assign(value);
        }
    }

    @Override
    public void copy(Tensor from, Tensor to) {
        if (fused && floats(from, to)) {
            Elementwise.scale(from, 1, to, false);
        } else {
            to.set(from.view());
        }
    }

    @Override
    public void add(Tensor from, Tensor into) {
        if (fused && floats(from, into)) {
            Elementwise.scale(from, 1, into, true);
        } else {
            INDArray sum = into.view();
            sum.addi(from.view());
        }
    }

    private static boolean floats(Tensor a, Tensor b) {
        return a.type() == DType.F32 && a.spec().equals(b.spec());
    }
}
