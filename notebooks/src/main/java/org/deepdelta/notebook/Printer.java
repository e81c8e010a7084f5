package org.deepdelta.notebook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Prints web pages to PDF with a Chromium without a window.
 *
 * @param chromium the browser
 * @param scratch a folder for its profile and its log
 */
record Printer(Path chromium, Path scratch) {

    private static final int SECONDS = 180;

    /** Prints a page, with bookmarks from its headings, once its mathematics is set. */
    void print(Path page, Path pdf) throws IOException, InterruptedException {
        Path log = scratch.resolve("chromium.log");
        Path profile = Files.createDirectories(scratch.resolve("profile"));
        Files.deleteIfExists(pdf);
        ProcessBuilder command = new ProcessBuilder(List.of(
                        chromium.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--user-data-dir=" + profile,
                        "--allow-file-access-from-files",
                        "--no-pdf-header-footer",
                        "--generate-pdf-document-outline",
                        "--virtual-time-budget=20000",
                        "--print-to-pdf=" + pdf,
                        page.toUri().toString()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        // Whatever it wants to keep, it keeps inside the checkout.
        for (String variable : List.of("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")) {
            command.environment().put(variable, profile.toString());
        }
        Process process = command.start();
        boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        if (!ended || !Files.isRegularFile(pdf) || Files.size(pdf) == 0) {
            throw new IllegalStateException("Chromium made no PDF of " + page + (ended ? "" : " in " + SECONDS + " s")
                    + ":\n" + Files.readString(log, StandardCharsets.UTF_8));
        }
    }
}
