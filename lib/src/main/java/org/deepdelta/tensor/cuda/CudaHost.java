package org.deepdelta.tensor.cuda;

import org.deepdelta.tensor.Device;

/** The device {@code cuda-host}: the CUDA kernels run by the CPU, for tests where there is no GPU. Needs g++ and a JDK; slow. */
public final class CudaHost implements Device.Provider {
    @Override
    public String name() {
        return "cuda-host";
    }

    @Override
    public Device open() {
        return new CudaDevice(new HostGpu(false));
    }

    /** The same with threads and blocks run in reverse order: results must have the same bits, or a barrier is missing. */
    public static Device reversed() {
        return new CudaDevice(new HostGpu(true));
    }
}
