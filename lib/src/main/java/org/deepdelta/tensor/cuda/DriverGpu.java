package org.deepdelta.tensor.cuda;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A GPU through NVIDIA's driver API: one stream, kernels compiled by NVRTC for this very GPU, matrix products by cuBLASLt. With
 * {@code -Dddl.cuda.wait} every launch is waited for, so that a failure names its kernel.
 */
final class DriverGpu implements Gpu {
    /** What a kernel may take without having asked for more. */
    private static final int SHARED = 48 << 10;

    private static final int MOST_SLOTS = 512;

    private final Driver driver = new Driver();
    private final CUstream_st stream = new CUstream_st();
    private final Nvrtc compiler = new Nvrtc(driver.capability());
    private final Pinned pinned;
    private final BlasLt blas;
    private final Map<Program, CUmod_st> modules = new HashMap<>();
    private final Map<Long, Integer> shared = new HashMap<>();
    private final LongPointer slots = new LongPointer(MOST_SLOTS);
    private final boolean waiting = System.getProperty("ddl.cuda.wait") != null;
    private Thread current = Thread.currentThread();

    DriverGpu() {
        Driver.check(cudart.cuStreamCreate(stream, cudart.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
        pinned = new Pinned(stream);
        blas = new BlasLt(stream, this);
    }

    private void enter() {
        if (current != Thread.currentThread()) {
            driver.makeCurrent();
            current = Thread.currentThread();
        }
    }

    @Override
    public synchronized long allocate(long bytes) {
        enter();
        long[] address = new long[1];
        int status = cudart.cuMemAlloc(address, bytes);
        if (status == cudart.CUDA_ERROR_OUT_OF_MEMORY) {
            long[] memory = Driver.memory();
            throw new CudaException("cuMemAlloc: out of memory: asked for " + mib(bytes) + ", free are "
                    + mib(memory[0]) + " of " + mib(memory[1]) + ": a smaller batch or model needs less");
        }
        Driver.check(status, "cuMemAlloc of " + mib(bytes));
        return address[0];
    }

    private static String mib(long bytes) {
        return (bytes + (1 << 20) - 1 >> 20) + " MiB";
    }

    @Override
    public synchronized void free(long address) {
        enter();
        synchronize();
        Driver.check(cudart.cuMemFree(address), "cuMemFree");
    }

    @Override
    public synchronized void put(long address, ByteBuffer from) {
        enter();
        pinned.put(address, from);
    }

    @Override
    public synchronized void get(long address, ByteBuffer to) {
        enter();
        pinned.get(address, to);
    }

    @Override
    public synchronized void copy(long from, long to, long bytes) {
        enter();
        Driver.check(cudart.cuMemcpyDtoDAsync(to, from, bytes, stream), "cuMemcpyDtoDAsync");
    }

    @Override
    public synchronized void clear(long address, long bytes) {
        enter();
        Driver.check(cudart.cuMemsetD8Async(address, (byte) 0, bytes, stream), "cuMemsetD8Async");
    }

    @Override
    public synchronized long function(Program program, String kernel) {
        enter();
        CUmod_st module = modules.computeIfAbsent(program, this::module);
        CUfunc_st function = new CUfunc_st();
        Driver.check(
                cudart.cuModuleGetFunction(function, module, kernel),
                "cuModuleGetFunction of " + kernel + " in " + program.name());
        return function.address();
    }

    private CUmod_st module(Program program) {
        CUmod_st module = new CUmod_st();
        try (BytePointer code = new BytePointer(compiler.compile(program))) {
            Driver.check(cudart.cuModuleLoadData(module, code), "cuModuleLoadData of " + program.name());
        }
        return module;
    }

    @Override
    public synchronized void launch(long function, String name, Grid grid, Signature.Arguments arguments) {
        enter();
        if (grid.shared() > SHARED && grid.shared() > shared.getOrDefault(function, 0)) {
            int attribute = cudart.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
            Driver.check(
                    cudart.cuFuncSetAttribute(new Handle(function), attribute, grid.shared()),
                    "cuFuncSetAttribute of " + name + " for " + grid.shared() + " bytes of shared memory");
            shared.put(function, grid.shared());
        }
        int status = cudart.cuLaunchKernel(
                new Handle(function),
                (int) grid.x(),
                (int) grid.y(),
                (int) grid.z(),
                grid.threads(),
                1,
                1,
                grid.shared(),
                stream,
                bind(arguments),
                (PointerPointer<Pointer>) null);
        Driver.check(status, "cuLaunchKernel of " + name + " with " + grid);
        if (waiting) {
            Driver.check(cudart.cuStreamSynchronize(stream), "kernel " + name + " with " + grid);
        }
    }

    /** The arguments in native memory, then where each begins; the driver has copied them when a launch returns. */
    private PointerPointer<Pointer> bind(Signature.Arguments arguments) {
        int count = arguments.slots().length;
        int[] starts = arguments.starts();
        if (count + starts.length > MOST_SLOTS) {
            throw new IllegalArgumentException(
                    "kernel arguments: expected at most " + MOST_SLOTS + " slots, got " + count);
        }
        long[] all = new long[count + starts.length];
        System.arraycopy(arguments.slots(), 0, all, 0, count);
        for (int i = 0; i < starts.length; i++) {
            all[count + i] = slots.address() + (long) Long.BYTES * starts[i];
        }
        slots.put(all, 0, all.length);
        return new Starts(slots.address() + (long) Long.BYTES * count);
    }

    @Override
    public synchronized void multiply(Product product) {
        enter();
        blas.multiply(product);
        if (waiting) {
            Driver.check(cudart.cuStreamSynchronize(stream), "matrix product " + product);
        }
    }

    @Override
    public synchronized void synchronize() {
        enter();
        Driver.check(cudart.cuStreamSynchronize(stream), "cuStreamSynchronize");
    }

    @Override
    public int capability() {
        return driver.capability();
    }

    @Override
    public String describe() {
        return driver.describe() + (blas.tf32() ? ", TF32" : "");
    }

    /** An array of pointers by its address; a plain pointer would be passed by one of its own. */
    private static final class Starts extends PointerPointer<Pointer> {
        Starts(long address) {
            super((Pointer) null);
            this.address = address;
        }
    }

    /** A function by its address. */
    private static final class Handle extends CUfunc_st {
        Handle(long address) {
            super((Pointer) null);
            this.address = address;
        }
    }

    /** A pointer that owns nothing. */
    static final class Place extends Pointer {
        Place(long address) {
            super((Pointer) null);
            this.address = address;
        }
    }
}
