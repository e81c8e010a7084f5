package org.deepdelta.tensor;

/** Whether this JVM was started with the Vector API. Links to nothing of it, so that it can be asked first. */
final class VectorModule {
    private static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    static boolean present() {
        return ModuleLayer.boot().findModule(NAME).isPresent();
    }

    /**
     * Checks that kernels can run.
     *
     * @throws IllegalStateException naming the flag that is missing
     */
    static void require() {
        if (!present()) {
            throw new IllegalStateException("the CPU kernels need the Vector API: start Java with --add-modules " + NAME
                    + " (in a notebook through JDK_JAVA_OPTIONS), or choose the device \"reference\"");
        }
    }
}
