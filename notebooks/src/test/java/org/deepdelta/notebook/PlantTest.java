package org.deepdelta.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PlantTest {

    private static final Plant SIGN = new Plant(1, "1 - beta", "1 + beta", "expected -0.5");

    private static Notebook failingIn(int cell, String message) throws IOException {
        Notebook notebook = Samples.read("sample");
        ((ObjectNode) notebook.cells().get(cell - 1))
                .withArrayProperty("outputs")
                .addObject()
                .put("output_type", "error")
                .put("ename", "IllegalStateException")
                .put("evalue", message)
                .putArray("traceback");
        return notebook;
    }

    @Test
    void codeIsReplaced() throws IOException {
        String source =
                SIGN.into(Samples.read("sample")).cells().get(1).get("source").asText();
        assertTrue(source.contains("double eigenvalue = 1 + beta;"), source);
    }

    @Test
    void codeThatIsNotThereOnceIsRefused() throws IOException {
        Notebook sample = Samples.read("sample");
        for (String find : List.of("gamma", "System")) {
            Plant plant = new Plant(1, find, "delta", "x");
            Exception e = assertThrows(IllegalArgumentException.class, () -> plant.into(sample));
            assertTrue(e.getMessage().contains("once in the notebook, found it"), e.getMessage());
        }
    }

    @Test
    void theLastCellMustFailAsExpected() throws IOException {
        assertEquals(List.of(), SIGN.complaints(failingIn(4, "eigenvalue along k is 2.5, expected -0.5")));
        assertTrue(SIGN.complaints(Samples.read("sample")).get(0).contains("went unseen"));
        assertTrue(SIGN.complaints(failingIn(2, "expected -0.5")).get(0).contains("but cell 2 did"));
        assertTrue(
                SIGN.complaints(failingIn(4, "no such thing")).get(0).contains("but it said: IllegalStateException"));
    }
}
