package org.dflib.jjava.jupyter.kernel;

import java.util.Objects;
import org.deepdelta.report.FakeKernel;

/** Stands in for JJava in tests: it throws where no kernel runs. */
public final class BaseKernel {

    private BaseKernel() {}

    /** The kernel, or an exception. */
    public static FakeKernel notebookKernel() {
        return Objects.requireNonNull(FakeKernel.running("jjava"), "no kernel");
    }
}
