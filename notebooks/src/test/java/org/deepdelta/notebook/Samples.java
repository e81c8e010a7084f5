package org.deepdelta.notebook;

import java.io.IOException;
import java.nio.file.Path;

/** The small notebooks among the test resources. */
final class Samples {

    private Samples() {}

    static Notebook read(String name) throws IOException {
        return Notebook.read(
                Checkout.current().notebooks().resolve(Path.of("src/test/resources/samples", name + ".ipynb")));
    }
}
