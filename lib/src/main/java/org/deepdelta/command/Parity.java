package org.deepdelta.command;

import java.nio.file.Files;
import java.nio.file.Path;
import org.deepdelta.experiment.parity.Suite;
import org.deepdelta.tensor.Device;

/** {@code exec:java@parity}: compares this library with reference values of the authors' implementation. */
public final class Parity {

    private Parity() {}

    /** Runs the command; see {@code -Dhelp}. */
    public static void main(String[] args) {
        Options.main("parity", "Compares every case below a folder with the authors' values.", options -> {
            Path folder = options.path("parity", null, "folder with ops/, models/, train/");
            String device = options.device("cpu", "cpu", "cuda", "cuda-host");
            if (folder == null || !Files.isDirectory(folder)) {
                options.wrong("parity", folder, "a folder with ops/, models/ or train/");
            }
            options.ready();
            Suite suite = device.equals("cpu")
                    ? Suite.run(folder, System.out)
                    : Suite.run(folder, Device.named(device), System.out);
            return suite.failed() == 0 ? 0 : 1;
        });
    }
}
