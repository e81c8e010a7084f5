package org.deepdelta.notebook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deepdelta.report.Preset;

/**
 * What ties the outputs of a committed notebook to its code. Each code cell carries a hash of its source, its outputs and
 * the hash of the code cell before it, written by {@code -Dddl.update} alone: code that was edited since, and outputs
 * that were edited at all, are found at the first cell that was touched.
 */
public final class Seal {

    /** The largest notebook file that may be committed. */
    public static final long MAX_BYTES = 600_000;

    private static final String KEY = "ddl";
    private static final ObjectMapper SORTED =
            new ObjectMapper().configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true);
    private static final Pattern MACHINE_PATH =
            Pattern.compile("(?<![\\w.:/])/(?:home|root|tmp|Users|work|var/folders)/[\\w.]|[A-Z]:\\\\Users\\\\");

    private Seal() {}

    /** The executed notebook as it is committed: sealed, and with nothing in its metadata that depends on the kernel. */
    public static Notebook sealed(Notebook executed, Preset preset) {
        Notebook sealed = new Notebook(executed.name(), executed.json().deepCopy());
        ObjectNode metadata = sealed.json().withObjectProperty("metadata");
        metadata.putObject("kernelspec")
                .put("display_name", "Java")
                .put("language", "java")
                .put("name", "java");
        metadata.putObject("language_info")
                .put("codemirror_mode", "java")
                .put("file_extension", ".jshell")
                .put("mimetype", "text/x-java-source")
                .put("name", "Java")
                .put("pygments_lexer", "java");
        metadata.putObject(KEY).put("preset", preset.toString());
        String before = "";
        for (JsonNode cell : sealed.cells()) {
            if (Notebook.isCode(cell)) {
                before = hash(before, cell);
                ObjectNode own = ((ObjectNode) cell).withObjectProperty("metadata");
                own.remove("execution");
                own.put(KEY, before);
            }
        }
        return sealed;
    }

    /** What keeps a notebook from being committed, one line each; none if it may be. */
    public static List<String> complaints(Notebook notebook, long bytes) {
        List<String> complaints = new ArrayList<>();
        String preset = notebook.json().at("/metadata/" + KEY + "/preset").asText("none");
        if (!preset.equals(Preset.LAPTOP.toString())) {
            complaints.add("outputs of preset laptop expected, found preset " + preset);
        }
        String kernel = notebook.json().at("/metadata/kernelspec/name").asText("none");
        if (!kernel.equals("java")) {
            complaints.add("kernel java expected, found " + kernel);
        }
        if (bytes > MAX_BYTES) {
            complaints.add(String.format(Locale.ROOT, "%,d bytes, more than %,d", bytes, MAX_BYTES));
        }
        for (Notebook.Fault fault : notebook.faults()) {
            complaints.add("cell " + fault.cell() + ": " + fault.message());
        }
        complaints.addAll(cellComplaints(notebook.cells()));
        return complaints;
    }

    private static List<String> cellComplaints(List<JsonNode> cells) {
        List<String> complaints = new ArrayList<>();
        String before = "";
        boolean belongs = true;
        int count = 0;
        for (int i = 0; i < cells.size(); i++) {
            JsonNode cell = cells.get(i);
            if (!Notebook.isCode(cell)) {
                continue;
            }
            count++;
            if (cell.path("execution_count").asInt() != count) {
                complaints.add("cell " + (i + 1) + ": execution count " + count + " expected, found "
                        + cell.path("execution_count").asText("none"));
            }
            String seal = hash(before, cell);
            if (belongs && !cell.path("metadata").path(KEY).asText().equals(seal)) {
                complaints.add(
                        "cell " + (i + 1) + ": its outputs do not belong to its code, or one of them was edited");
                belongs = false;
            }
            before = seal;
            Matcher path = MACHINE_PATH.matcher(words(cell));
            if (path.find()) {
                complaints.add("cell " + (i + 1) + ": a path of the machine that ran it, " + path.group() + "...");
            }
        }
        return complaints;
    }

    /** The source and all outputs but images, as text. */
    private static String words(JsonNode cell) {
        StringBuilder words = new StringBuilder(Notebook.text(cell.path("source")));
        for (JsonNode output : cell.path("outputs")) {
            words.append('\n').append(Notebook.text(output.path("text")));
            output.path("data").properties().forEach(data -> {
                if (!data.getKey().equals("image/png") && !data.getKey().equals("image/jpeg")) {
                    words.append('\n').append(Notebook.text(data.getValue()).replaceAll("base64,[A-Za-z0-9+/=]+", ""));
                }
            });
        }
        return words.toString();
    }

    private static String hash(String before, JsonNode cell) {
        try {
            Object outputs = SORTED.treeToValue(cell.path("outputs"), Object.class);
            String sealed =
                    before + "\n" + Notebook.text(cell.path("source")) + "\n" + SORTED.writeValueAsString(outputs);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(sealed.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (JsonProcessingException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("cannot hash a cell: " + e.getMessage(), e);
        }
    }
}
