package org.deepdelta.experiment.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small studies for tests. */
final class Studies {
    static final String BASE =
            """
            base {
              task = "echo:length=6", layers = 1, heads = 2, width = 8, factor = 0.5
              rows = 4, shards = 2, steps = 30, rate = 0.01, decay = 0.1, clip = 1
            }
            """;
    static final String GRID =
            """
            question = "Does it echo?"
            %svariants {
              addition { rule = additive }
              DDL { rule = ddl_scalar }
            }
            seeds = [1, 2]
            """
                    .formatted(BASE);

    private Studies() {}

    static Study read(Path folder, String text) throws IOException {
        return read(folder, text, "laptop");
    }

    static Study read(Path folder, String text, String preset) throws IOException {
        return Study.read(Files.writeString(folder.resolve("echoes.conf"), text), preset);
    }
}
