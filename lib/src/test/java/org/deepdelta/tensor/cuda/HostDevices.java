package org.deepdelta.tensor.cuda;

import org.deepdelta.tensor.Device;
import org.junit.jupiter.api.Assumptions;

/** The CUDA kernels on the CPU, opened once for all tests. Where there is no C++ compiler or no JDK, what uses them is skipped, saying so. */
public final class HostDevices {
    private static final HostDevices SHARED = new HostDevices();

    private final Device forward;
    private final Device reversed;
    private final String missing;

    private HostDevices() {
        Device first = null;
        Device second = null;
        String why = null;
        try {
            first = Device.named("cuda-host");
            second = CudaHost.reversed();
        } catch (CudaException e) {
            why = e.getMessage();
        }
        forward = first;
        reversed = second;
        missing = why;
    }

    /** Threads and blocks in their order. */
    public static Device forward() {
        Assumptions.assumeTrue(SHARED.missing == null, () -> "CUDA kernels were not tested: " + SHARED.missing);
        return SHARED.forward;
    }

    /** Threads and blocks in the reverse order. */
    public static Device reversed() {
        forward();
        return SHARED.reversed;
    }
}
