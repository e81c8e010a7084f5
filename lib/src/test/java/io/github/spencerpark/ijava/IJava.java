package io.github.spencerpark.ijava;

import org.deepdelta.report.FakeKernel;

/** Stands in for IJava in tests: the name and the method that the library looks for. */
public final class IJava {

    private IJava() {}

    /** The kernel, or null. */
    public static FakeKernel getKernelInstance() {
        return FakeKernel.running("ijava");
    }
}
