package org.deepdelta.notebook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A fault planted in a notebook, which the check in its last cell must see.
 *
 * @param number its place in the notebook's list, from 1
 * @param find a piece of code that occurs in the notebook exactly once
 * @param replace what takes its place
 * @param expect a part of the message with which the last cell must fail
 */
public record Plant(int number, String find, String replace, String expect) {

    /**
     * The plants of a notebook: {@code src/test/resources/plants/NAME.json}, a list of objects with find, replace and
     * expect; none where there is no such file.
     */
    public static List<Plant> of(Checkout checkout, String notebook) throws IOException {
        Path file = checkout.notebooks().resolve("src/test/resources/plants/" + notebook + ".json");
        List<Plant> plants = new ArrayList<>();
        if (Files.isRegularFile(file)) {
            for (JsonNode entry : new ObjectMapper().readTree(Files.readString(file))) {
                for (String key : List.of("find", "replace", "expect")) {
                    if (!entry.path(key).isTextual()) {
                        throw new IOException(file + ": plant " + (plants.size() + 1) + " lacks a text '" + key + "'");
                    }
                }
                plants.add(new Plant(
                        plants.size() + 1,
                        entry.get("find").asText(),
                        entry.get("replace").asText(),
                        entry.get("expect").asText()));
            }
        }
        return plants;
    }

    /**
     * The notebook with the fault in it.
     *
     * @throws IllegalArgumentException if the code to replace does not occur exactly once
     */
    public Notebook into(Notebook notebook) {
        Notebook planted = new Notebook(notebook.name(), notebook.json().deepCopy());
        int found = 0;
        for (JsonNode cell : planted.cells()) {
            String source = Notebook.text(cell.path("source"));
            if (Notebook.isCode(cell) && source.contains(find)) {
                found += source.split(Pattern.quote(find), -1).length - 1;
                ((ObjectNode) cell).put("source", source.replace(find, replace));
            }
        }
        if (found != 1) {
            throw new IllegalArgumentException("plant " + number + " of " + notebook.name() + ": expected the code '"
                    + find + "' once in the notebook, found it " + found + " times");
        }
        return planted;
    }

    /** What is wrong with the faults that the planted notebook showed: empty if its last cell failed as expected. */
    public List<String> complaints(Notebook executed) {
        List<Notebook.Fault> faults = executed.faults();
        if (faults.isEmpty()) {
            return List.of("the planted fault went unseen: expected the last cell to fail with '" + expect + "'");
        }
        Notebook.Fault first = faults.get(0);
        if (first.cell() != executed.lastCode()) {
            return List.of("expected the last code cell (" + executed.lastCode() + ") to fail, but cell " + first.cell()
                    + " did: " + first.message());
        }
        if (!first.message().contains(expect)) {
            return List.of("expected the last cell to fail with '" + expect + "', but it said: " + first.message());
        }
        return List.of();
    }
}
