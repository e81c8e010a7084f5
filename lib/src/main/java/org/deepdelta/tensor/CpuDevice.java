package org.deepdelta.tensor;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.nd4j.linalg.factory.Nd4j;

/** The CPU: ND4J for the references, and (if fused) the kernels of the operations for single precision. */
final class CpuDevice implements Device {
    private final boolean fused;
    private final boolean arrays;
    private final Map<Object, Object> made = new ConcurrentHashMap<>();

    /**
     * Opens it.
     *
     * @param fused whether kernels run where there are some
     * @param arrays whether ND4J's arrays can lie in this device's memory; false where ND4J computes on a GPU
     */
    CpuDevice(boolean fused, boolean arrays) {
        this.fused = fused;
        this.arrays = arrays;
        ArrayBackend.require();
        // For operations as small as ours, ND4J's second OpenMP thread costs far more than it computes, and sums depend
        // on it.
        Nd4j.getEnvironment().setMaxThreads(1);
        Nd4j.getEnvironment().setMaxMasterThreads(1);
    }

    static CpuDevice fused() {
        VectorModule.require();
        return new CpuDevice(true, !ArrayBackend.onGpu());
    }

    static CpuDevice reference() {
        return new CpuDevice(false, !ArrayBackend.onGpu());
    }

    @Override
    public String describe() {
        return (fused ? "cpu" : "reference") + ", ND4J "
                + Nd4j.getBackend().getClass().getSimpleName();
    }

    @Override
    public Memory memory(long bytes) {
        return new HostMemory(bytes, arrays);
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
        if (vectors(tensor)) {
            ElementKernels.fill(tensor, (float) value);
        } else if (!arrays) {
            double[] values = new double[Math.toIntExact(tensor.size())];
            Arrays.fill(values, value);
            tensor.set(values);
        } else if (tensor.size() > 0) {
            tensor.view().assign(value);
        }
    }

    @Override
    public void copy(Tensor from, Tensor to) {
        if (arrays) {
            to.set(from.view());
        } else {
            to.set(from.toDoubles());
        }
    }

    @Override
    public void add(Tensor from, Tensor into) {
        if (vectors(into) && from.spec().equals(into.spec())) {
            ElementKernels.accumulate(from, into);
        } else if (arrays) {
            into.view().addi(from.view());
        } else {
            double[] sum = into.toDoubles();
            double[] more = from.toDoubles();
            Arrays.setAll(sum, i -> sum[i] + more[i]);
            into.set(sum);
        }
    }

    private boolean vectors(Tensor tensor) {
        return fused && tensor.type() == DType.F32;
    }
}
