package org.deepdelta.notebook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jsoup.nodes.Element;

/**
 * With what, where and when a report was made.
 *
 * @param lines what is named, and its value, in the order of printing
 */
record Stamp(Map<String, String> lines) {

    /** The stamp of now and here. */
    static Stamp of(Checkout checkout, Jupyter jupyter, Options options, double seconds)
            throws IOException, InterruptedException {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put(
                "made",
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT)
                        .format(ZonedDateTime.now(ZoneOffset.UTC)));
        lines.put("preset", options.preset().toString());
        String commit = answer(checkout.root(), List.of("git", "describe", "--always", "--dirty=, with changes"));
        lines.put("commit", commit.isEmpty() ? "not known" : commit);
        lines.put("Java", System.getProperty("java.version") + ", " + System.getProperty("java.vendor"));
        lines.put("kernel", jupyter.setup().ijava().isPresent() ? "IJava" : "the project's own");
        lines.put(
                "Jupyter",
                answer(
                        checkout.root(),
                        List.of(
                                jupyter.setup().python().toString(),
                                "-c",
                                "import nbclient, nbconvert;"
                                        + "print('nbclient', nbclient.__version__ + ', nbconvert', nbconvert.__version__)")));
        lines.put(
                "machine",
                processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores, "
                        + System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        lines.put("time to execute", String.format(Locale.ROOT, "%.0f s", seconds));
        return new Stamp(lines);
    }

    /** As a table. */
    Element html() {
        Element box = new Element("div").addClass("stamp");
        Element body = box.appendElement("table").appendElement("tbody");
        lines.forEach((name, value) -> {
            Element row = body.appendElement("tr");
            row.appendElement("td").text(name);
            row.appendElement("td").text(value);
        });
        return box;
    }

    /** In one line. */
    String line() {
        return "Made " + lines.get("made") + " at preset " + lines.get("preset") + ", commit " + lines.get("commit")
                + ".";
    }

    private static String processor() throws IOException {
        Path linux = Path.of("/proc/cpuinfo");
        if (Files.isReadable(linux)) {
            for (String line : Files.readAllLines(linux, StandardCharsets.UTF_8)) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        }
        return "processor not known";
    }

    private static String answer(Path folder, List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? answer : "";
        } catch (IOException e) {
            return "";
        }
    }
}
