package org.deepdelta.notebook;

import java.io.PrintStream;
import java.util.Locale;

/** Lines on the console that say how far a long job is. */
public final class Progress {

    private final PrintStream out;
    private final long start = System.nanoTime();

    /** @param out where the lines go */
    public Progress(PrintStream out) {
        this.out = out;
    }

    /** Prints one line, with the seconds since the start. */
    public synchronized void line(String text) {
        out.printf(Locale.ROOT, "[notebooks %4.0f s] %s%n", (System.nanoTime() - start) * 1e-9, text);
        out.flush();
    }
}
