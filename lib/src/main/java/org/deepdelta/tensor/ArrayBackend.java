package org.deepdelta.tensor;

import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Loader;

/**
 * Which backend ND4J has on the class path: the CPU's, or with the Maven profile {@code nd4j-cuda} the one of CUDA 11.6, whose machine code
 * ends with compute capability 8.6 and runs up to 8.9. Asked before ND4J starts, which on a newer GPU fails deep inside.
 */
final class ArrayBackend {
    private static final String GPU_BACKEND = "org.nd4j.linalg.jcublas.JCublasBackend";
    private static final int NEWEST = 89;

    private ArrayBackend() {}

    /** Whether ND4J computes on a GPU. */
    static boolean onGpu() {
        return ArrayBackend.class.getClassLoader().getResource(GPU_BACKEND.replace('.', '/') + ".class") != null;
    }

    /**
     * Prepares ND4J, and checks that it can run here.
     *
     * @throws IllegalStateException saying what is missing, or that the GPU is too new for ND4J and what runs on it
     */
    static void require() {
        if (onGpu()) {
            expect(Driver.capability());
        } else {
            ShapeInfoCache.install();
        }
    }

    /** Checks a GPU's compute capability, 90 for 9.0. */
    static void expect(int capability) {
        if (capability > NEWEST) {
            throw new IllegalStateException("nd4j-cuda: this GPU has compute capability " + dotted(capability)
                    + ", ND4J's CUDA 11.6 backend has no code beyond " + dotted(NEWEST)
                    + ": build with the profile cuda in place of nd4j-cuda, and take the device cuda");
        }
    }

    private static String dotted(int capability) {
        return capability / 10 + "." + capability % 10;
    }

    /** The driver, through the bindings that ND4J's backend brings. */
    private static final class Driver {
        private static int capability() {
            try {
                Loader.load(cudart.class);
            } catch (UnsatisfiedLinkError e) {
                throw new IllegalStateException(
                        "nd4j-cuda: expected a driver and the libraries of CUDA 11.6: " + e.getMessage(), e);
            }
            int[] device = new int[1];
            check(cudart.cuInit(0), "cuInit");
            check(cudart.cuDeviceGet(device, 0), "cuDeviceGet");
            return 10 * attribute(cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device[0])
                    + attribute(cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device[0]);
        }

        private static int attribute(int which, int device) {
            int[] value = new int[1];
            check(cudart.cuDeviceGetAttribute(value, which, device), "cuDeviceGetAttribute");
            return value[0];
        }

        private static void check(int status, String call) {
            if (status != cudart.CUDA_SUCCESS) {
                throw new IllegalStateException(
                        "nd4j-cuda: " + call + " gives error " + status
                                + ": expected an NVIDIA GPU and its driver; without the profile nd4j-cuda ND4J runs on the CPU");
            }
        }
    }
}
