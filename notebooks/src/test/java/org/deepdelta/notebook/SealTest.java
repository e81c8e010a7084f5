package org.deepdelta.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.deepdelta.report.Preset;
import org.junit.jupiter.api.Test;

final class SealTest {

    private static Notebook executed() throws IOException {
        Notebook notebook = Samples.read("sample");
        for (int i = 1; i <= 3; i++) {
            ObjectNode cell = cell(notebook, i);
            cell.put("execution_count", i);
            cell.withArrayProperty("outputs")
                    .addObject()
                    .put("output_type", "stream")
                    .put("name", "stdout")
                    .put("text", "out " + i + "\n");
        }
        return notebook;
    }

    private static ObjectNode cell(Notebook notebook, int index) {
        return (ObjectNode) notebook.cells().get(index);
    }

    private static List<String> complaints(Notebook notebook) {
        return Seal.complaints(notebook, 10_000);
    }

    private static Notebook sealed() throws IOException {
        return Seal.sealed(executed(), Preset.LAPTOP);
    }

    @Test
    void sealedNotebookIsAccepted() throws IOException {
        assertEquals(List.of(), complaints(sealed()));
    }

    @Test
    void splittingTextIntoLinesBreaksNoSeal() throws IOException {
        Notebook notebook = sealed();
        ArrayNode lines = cell(notebook, 1).putArray("source");
        for (String line : Notebook.text(Samples.read("sample").cells().get(1).path("source"))
                .split("(?<=\n)")) {
            lines.add(line);
        }
        assertEquals(List.of(), complaints(notebook));
    }

    @Test
    void editedCodeIsFoundAtItsCell() throws IOException {
        Notebook notebook = sealed();
        cell(notebook, 2).put("source", "int x = 1;");
        assertEquals(
                List.of("cell 3: its outputs do not belong to its code, or one of them was edited"),
                complaints(notebook));
    }

    @Test
    void editedOutputIsFound() throws IOException {
        Notebook notebook = sealed();
        ((ObjectNode) cell(notebook, 3).at("/outputs/0")).put("text", "better\n");
        assertEquals(
                List.of("cell 4: its outputs do not belong to its code, or one of them was edited"),
                complaints(notebook));
    }

    @Test
    void clearedOutputsAreFound() throws IOException {
        Notebook notebook = sealed();
        cell(notebook, 1).putArray("outputs");
        cell(notebook, 1).putNull("execution_count");
        assertEquals(2, complaints(notebook).size());
    }

    @Test
    void errorsStandardErrorSizePresetAndPathsAreFound() throws IOException {
        Notebook notebook = executed();
        ((ObjectNode) cell(notebook, 1).at("/outputs/0")).put("name", "stderr");
        ((ObjectNode) cell(notebook, 2).at("/outputs/0")).put("text", "read /home/someone/file\n");
        cell(notebook, 3).put("execution_count", 7);
        List<String> complaints = Seal.complaints(Seal.sealed(notebook, Preset.SMOKE), Seal.MAX_BYTES + 1);
        assertEquals(5, complaints.size(), complaints.toString());
        assertTrue(complaints.get(0).contains("preset smoke"));
        assertTrue(complaints.get(1).contains("600,001 bytes"));
        assertTrue(complaints.get(2).contains("cell 2: on standard error"));
        assertTrue(complaints.get(3).contains("cell 3: a path of the machine"));
        assertTrue(complaints.get(4).contains("execution count 3 expected, found 7"));
    }
}
