package org.deepdelta.command;

import java.nio.file.Files;
import java.nio.file.Path;
import org.deepdelta.experiment.parity.Suite;

/** {@code exec:java@parity}: compares this library with reference values of the authors' implementation. */
public final class Parity {

    private Parity() {}

    /** Runs the command; see {@code -Dhelp}. */
    public static void main(String[] args) {
        Options.main("parity", "Compares every case below a folder with the authors' values.", options -> {
            Path folder = options.path("parity", null, "folder with ops/, models/, train/");
            options.ready();
            if (folder == null || !Files.isDirectory(folder)) {
                throw new Options.Wrong("-Dparity=" + folder + ": expected a folder with ops/, models/ or train/");
            }
            Suite suite = Suite.run(folder, System.out);
            return suite.failed() == 0 ? 0 : 1;
        });
    }
}
