package org.deepdelta.notebook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A notebook file (nbformat 4).
 *
 * @param name the file's name without {@code .ipynb}
 * @param json its content
 */
public record Notebook(String name, ObjectNode json) {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Pattern TITLE = Pattern.compile("(?m)^# +(.+?) *$");
    private static final Pattern ANSI = Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]");

    /**
     * Something in an executed notebook that must not be there.
     *
     * @param cell the cell's number in the notebook, from 1
     * @param message what it printed
     */
    public record Fault(int cell, String message) {}

    /** Reads a notebook file. */
    public static Notebook read(Path file) throws IOException {
        String fileName = file.getFileName().toString();
        JsonNode json = MAPPER.readTree(Files.readString(file));
        if (!json.path("cells").isArray() || json.path("nbformat").asInt() != 4) {
            throw new IOException(file + ": not a notebook of nbformat 4");
        }
        return new Notebook(fileName.replaceFirst("\\.ipynb$", ""), (ObjectNode) json);
    }

    /** Writes it as Jupyter does: one space of indentation, a newline at the end. */
    public void write(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, (Json.text(json) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** All cells in order. */
    public List<JsonNode> cells() {
        List<JsonNode> cells = new ArrayList<>();
        json.get("cells").forEach(cells::add);
        return cells;
    }

    /** Whether a cell holds code. */
    public static boolean isCode(JsonNode cell) {
        return cell.path("cell_type").asText().equals("code");
    }

    /** A text of the notebook format, which may be cut into a list of lines. */
    public static String text(JsonNode node) {
        if (!node.isArray()) {
            return node.asText();
        }
        StringBuilder joined = new StringBuilder();
        node.forEach(line -> joined.append(line.asText()));
        return joined.toString();
    }

    /** The first heading, or the name where there is none. */
    public String title() {
        for (JsonNode cell : cells()) {
            Matcher heading = TITLE.matcher(isCode(cell) ? "" : text(cell.path("source")));
            if (heading.find()) {
                return heading.group(1);
            }
        }
        return name;
    }

    /** The number of the last cell that holds code, from 1; 0 where there is none. */
    public int lastCode() {
        List<JsonNode> cells = cells();
        for (int i = cells.size(); i > 0; i--) {
            if (isCode(cells.get(i - 1))) {
                return i;
            }
        }
        return 0;
    }

    /** Errors and anything on standard error, in order. */
    public List<Fault> faults() {
        List<Fault> faults = new ArrayList<>();
        List<JsonNode> cells = cells();
        for (int i = 0; i < cells.size(); i++) {
            for (JsonNode output : cells.get(i).path("outputs")) {
                Optional<String> message = fault(output);
                if (message.isPresent()) {
                    faults.add(new Fault(i + 1, message.get()));
                }
            }
        }
        return faults;
    }

    private static Optional<String> fault(JsonNode output) {
        switch (output.path("output_type").asText()) {
            case "error":
                List<String> lines = new ArrayList<>();
                output.path("traceback").forEach(line -> lines.add(line.asText()));
                String told = String.join("\n", lines);
                String name = output.path("ename").asText() + ": "
                        + output.path("evalue").asText();
                return Optional.of(plain(told.isBlank() ? name : told));
            case "stream":
                return output.path("name").asText().equals("stderr")
                        ? Optional.of("on standard error: " + plain(text(output.path("text"))))
                        : Optional.empty();
            default:
                return Optional.empty();
        }
    }

    private static String plain(String text) {
        return ANSI.matcher(text).replaceAll("").strip();
    }
}
