package org.deepdelta.tensor.cuda;

/** The native side of {@link HostGpu}, shim.cpp. Its state is one for all: callers hold this class's lock. */
final class Shim {
    private Shim() {}

    static native long open(String library);

    static native String error();

    static native long find(long library, String function);

    static native String run(
            long function, long x, long y, long z, int threads, int shared, boolean reverse, long... slots);
}
