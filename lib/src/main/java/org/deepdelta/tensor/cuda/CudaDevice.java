package org.deepdelta.tensor.cuda;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Memory;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Primitive;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tensor;

/**
 * A GPU: the operations' CUDA kernels for F32 and BF16, the references on copies for everything else. Work is asked for in order and done
 * later; reading a tensor waits for it.
 */
public final class CudaDevice implements Device {
    private static final CudaSource CU = CudaSource.beside(CudaDevice.class, "device.cu");
    private static final int THREADS = 256;
    private static final int BF16_CAPABILITY = 80;

    private final Gpu gpu;
    private final Map<Object, Object> made = new ConcurrentHashMap<>();
    private final Map<Function, Long> functions = new ConcurrentHashMap<>();

    private record Function(Gpu.Program program, String kernel) {}

    CudaDevice(Gpu gpu) {
        this.gpu = gpu;
    }

    /**
     * The CUDA device that a device is, or watches over.
     *
     * @throws IllegalArgumentException if it is another kind
     */
    public static CudaDevice of(Device device) {
        if (device.base() instanceof CudaDevice cuda) {
            return cuda;
        }
        throw new IllegalArgumentException("expected a CUDA device, got " + device.describe());
    }

    Gpu gpu() {
        return gpu;
    }

    /** Compute capability, 90 for 9.0, for kernels that have forms of their own for newer GPUs. */
    public int capability() {
        return gpu.capability();
    }

    /** Waits until everything asked for so far is done; for timing. */
    public void synchronize() {
        gpu.synchronize();
    }

    /** Where a tensor's elements begin in the GPU's memory. */
    long pointer(Tensor tensor) {
        if (tensor.memory() instanceof CudaMemory memory && memory.gpu() == gpu) {
            return memory.address() + tensor.offset();
        }
        throw new IllegalArgumentException(tensor + " is not in the memory of " + describe());
    }

    void launch(Gpu.Program program, String kernel, Grid grid, Signature.Arguments arguments) {
        expectType(program.storage());
        long function =
                functions.computeIfAbsent(new Function(program, kernel), f -> gpu.function(f.program, f.kernel));
        gpu.launch(function, kernel, grid, arguments);
    }

    private void expectType(DType type) {
        if (!takes(type)) {
            throw new CudaException(
                    "bf16 needs compute capability 8.0 or newer, this is " + gpu.describe() + ": use the type F32");
        }
    }

    @Override
    public String describe() {
        return gpu.describe();
    }

    @Override
    public boolean takes(DType type) {
        return type != DType.BF16 || gpu.capability() >= BF16_CAPABILITY;
    }

    @Override
    public Memory memory(long bytes) {
        return new CudaMemory(gpu, bytes);
    }

    @Override
    public Tensor allocate(Spec spec) {
        expectType(spec.type());
        return Device.super.allocate(spec);
    }

    @Override
    public Choice kernel(Op op, Tensor... in) {
        Kernel cuda = op instanceof Primitive primitive ? PrimitiveKernels.of(primitive) : op.cuda();
        boolean wide = Arrays.stream(in).anyMatch(x -> x.type() == DType.F64);
        return wide || cuda == null || !cuda.takes(in)
                ? new Choice("reference", new StagedReference(op.reference()))
                : new Choice("cuda", cuda);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T once(Object key, Supplier<T> make) {
        return (T) made.computeIfAbsent(key, k -> make.get());
    }

    @Override
    public void fill(Tensor tensor, double value) {
        if (Double.doubleToRawLongBits(value) == 0) {
            gpu.clear(pointer(tensor), tensor.spec().bytes());
        } else if (kernels(tensor.type())) {
            CU.launch(this, tensor.type(), "fill", cover(tensor), tensor, (float) value, tensor.size());
        } else {
            double[] values = new double[Math.toIntExact(tensor.size())];
            Arrays.fill(values, value);
            tensor.set(values);
        }
    }

    @Override
    public void copy(Tensor from, Tensor to) {
        expectSize(from, to);
        if (from.type() == to.type() && sameOrder(from, to)) {
            gpu.copy(pointer(from), pointer(to), to.spec().bytes());
        } else if (kernels(from.type()) && kernels(to.type())) {
            elements("copy", from, to);
        } else {
            to.set(from.toDoubles());
        }
    }

    @Override
    public void add(Tensor from, Tensor into) {
        expectSize(from, into);
        if (kernels(from.type()) && kernels(into.type())) {
            elements("add", from, into);
        } else {
            double[] sum = into.toDoubles();
            double[] more = from.toDoubles();
            Arrays.setAll(sum, i -> sum[i] + more[i]);
            into.set(sum);
        }
    }

    /** A kernel of device.cu in the form for these types: T to T, T to float, float to T. */
    private void elements(String kernel, Tensor from, Tensor to) {
        DType storage = from.type() == DType.BF16 ? DType.BF16 : to.type();
        String form = from.type() == to.type() ? "_same" : to.type() == DType.F32 ? "_widen" : "_narrow";
        boolean same = sameOrder(from, to);
        int d = same ? 1 : Math.toIntExact(to.shape().axis(-2));
        int dv = same ? 1 : Math.toIntExact(to.shape().axis(-1));
        int fromMajor = from.spec().channelMajor() ? 1 : 0;
        CU.launch(this, storage, kernel + form, cover(to), from, to, to.size(), d, dv, fromMajor);
    }

    private static boolean kernels(DType type) {
        return type == DType.F32 || type == DType.BF16;
    }

    private static boolean sameOrder(Tensor a, Tensor b) {
        return a.spec().channelMajor() == b.spec().channelMajor();
    }

    private static void expectSize(Tensor from, Tensor to) {
        if (from.size() != to.size()) {
            throw new IllegalArgumentException("cannot copy " + from.spec() + " to " + to.spec());
        }
    }

    private static Grid cover(Tensor tensor) {
        return Grid.cover(tensor.size(), THREADS);
    }
}
