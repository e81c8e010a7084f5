package org.deepdelta.notebook;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * What {@code notebooks/setup} found or installed.
 *
 * @param way how Jupyter was had: conda, path, system or venv
 * @param python the interpreter that has Jupyter
 * @param ijava the folder whose {@code kernels/java} is the installed IJava to use; empty for the project's own kernel
 * @param chromium the browser that prints PDF, if there is one
 */
public record Setup(String way, Path python, Optional<Path> ijava, Optional<Path> chromium) {

    /**
     * Reads {@code notebooks/target/setup.properties}.
     *
     * @throws IllegalStateException if the set-up has not run
     */
    public static Setup of(Checkout checkout) throws IOException {
        Path file = checkout.target().resolve("setup.properties");
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException("no " + file + ": run notebooks/setup first");
        }
        Properties answer = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            answer.load(reader);
        }
        return new Setup(
                answer.getProperty("way"),
                Path.of(answer.getProperty("python")),
                path(answer.getProperty("ijava")),
                path(answer.getProperty("chromium")));
    }

    private static Optional<Path> path(String text) {
        return text == null || text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    }
}
