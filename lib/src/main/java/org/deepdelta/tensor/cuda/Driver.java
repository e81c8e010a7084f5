package org.deepdelta.tensor.cuda;

import java.nio.charset.StandardCharsets;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * NVIDIA's driver and libraries through JavaCPP's presets: loads them, opens the first GPU, and says what is missing where they cannot be
 * had.
 */
final class Driver {
    private static final int OLDEST = 13_000;
    private static final int LEAST_CAPABILITY = 75;
    private static final int NAME = 256;

    private final CUctx_st context = new CUctx_st();
    private final String line;
    private final int capability;

    /**
     * Opens the first GPU.
     *
     * @throws CudaException naming what is missing
     */
    Driver() {
        load(cudart.class);
        check(cudart.cuInit(0), "cuInit");
        String known = version();
        int device = first();
        capability = 10 * attribute(cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device)
                + attribute(cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
        String name = name(device);
        if (capability < LEAST_CAPABILITY) {
            throw new CudaException("cuda: " + name + " has compute capability " + dotted(capability) + ", expected "
                    + dotted(LEAST_CAPABILITY) + " or newer");
        }
        load(nvrtc.class);
        load(cublas.class);
        check(cudart.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
        makeCurrent();
        line = "cuda, " + name + ", capability " + dotted(capability) + ", " + (memory()[1] >> 20)
                + " MiB, driver for CUDA " + known + ", NVRTC " + nvrtcVersion() + ", cuBLASLt "
                + cublas.cublasLtGetVersion();
    }

    /** Loads a binding and the libraries below it. */
    static void load(Class<?> binding) {
        try {
            Loader.load(binding);
        } catch (UnsatisfiedLinkError e) {
            throw new CudaException(MissingLibrary.say(e), e);
        }
    }

    private static String version() {
        int[] number = new int[1];
        check(cudart.cuDriverGetVersion(number), "cuDriverGetVersion");
        if (number[0] < OLDEST) {
            throw new CudaException("cuda: the driver is too old: it knows CUDA " + version(number[0]) + ", expected "
                    + version(OLDEST) + " or newer (driver 580 or newer)");
        }
        return version(number[0]);
    }

    private static int first() {
        int[] number = new int[1];
        check(cudart.cuDeviceGetCount(number), "cuDeviceGetCount");
        if (number[0] == 0) {
            throw noGpu();
        }
        check(cudart.cuDeviceGet(number, 0), "cuDeviceGet");
        return number[0];
    }

    private static CudaException noGpu() {
        return new CudaException("cuda: the driver is here but it sees no GPU (CUDA_VISIBLE_DEVICES hides them too)");
    }

    private static int attribute(int which, int device) {
        int[] value = new int[1];
        check(cudart.cuDeviceGetAttribute(value, which, device), "cuDeviceGetAttribute");
        return value[0];
    }

    private static String name(int device) {
        byte[] name = new byte[NAME];
        check(cudart.cuDeviceGetName(name, NAME, device), "cuDeviceGetName");
        return text(name);
    }

    /** A string that ends with the first zero. */
    static String text(byte... bytes) {
        return new String(bytes, StandardCharsets.UTF_8).replaceFirst("(?s)\0.*", "");
    }

    /** NVRTC's, such as 13.0. */
    static String nvrtcVersion() {
        int[] major = new int[1];
        int[] minor = new int[1];
        int status = nvrtc.nvrtcVersion(major, minor);
        if (status != 0) {
            throw new CudaException(
                    "nvrtcVersion: " + nvrtc.nvrtcGetErrorString(status).getString());
        }
        return major[0] + "." + minor[0];
    }

    private static String version(int number) {
        return number / 1000 + "." + number % 1000 / 10;
    }

    private static String dotted(int capability) {
        return capability / 10 + "." + capability % 10;
    }

    /** Has the calling thread's calls go to this GPU. */
    void makeCurrent() {
        check(cudart.cuCtxSetCurrent(context), "cuCtxSetCurrent");
    }

    /** Compute capability, 90 for 9.0. */
    int capability() {
        return capability;
    }

    /** GPU, capability, memory, versions. */
    String describe() {
        return line;
    }

    /** Free and all bytes of the GPU's memory. */
    static long[] memory() {
        try (SizeTPointer free = new SizeTPointer(1);
                SizeTPointer all = new SizeTPointer(1)) {
            check(cudart.cuMemGetInfo(free, all), "cuMemGetInfo");
            return new long[] {free.get(), all.get()};
        }
    }

    /**
     * Checks what a call of the driver returned.
     *
     * @throws CudaException naming call and error
     */
    static void check(int status, String call) {
        if (status == cudart.CUDA_SUCCESS) {
            return;
        }
        if (status == cudart.CUDA_ERROR_NO_DEVICE) {
            throw noGpu();
        }
        try (PointerPointer<BytePointer> text = new PointerPointer<>(1)) {
            cudart.cuGetErrorName(status, text);
            BytePointer name = text.get(BytePointer.class);
            cudart.cuGetErrorString(status, text);
            BytePointer words = text.get(BytePointer.class);
            throw new CudaException(call + ": "
                    + (name == null ? "error " + status : name.getString())
                    + (words == null ? "" : ", " + words.getString()));
        }
    }
}
