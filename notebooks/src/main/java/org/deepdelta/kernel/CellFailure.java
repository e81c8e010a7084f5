package org.deepdelta.kernel;

import java.util.List;

/**
 * What a notebook shows of a cell that failed.
 *
 * <p>Jupyter wants a name ({@code ename}), a message ({@code evalue}) and the lines of a trace-back; this exception carries all
 * three, so that neither has to be guessed from the kernel's own exception classes.
 */
final class CellFailure extends Exception {

    private static final long serialVersionUID = 1;

    private final String name;
    private final transient List<String> traceback;

    CellFailure(String name, String message, List<String> traceback) {
        super(message, null, false, false);
        this.name = name;
        this.traceback = List.copyOf(traceback);
    }

    /** The simple name of the exception, {@code CompilationError} or {@code Interrupted}. */
    String name() {
        return name;
    }

    /** The readable text, line by line. */
    List<String> traceback() {
        return traceback;
    }
}
