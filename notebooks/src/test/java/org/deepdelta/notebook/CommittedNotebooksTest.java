package org.deepdelta.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.deepdelta.report.Prose;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** What a visitor sees in a notebook is what its code computed at preset laptop. */
final class CommittedNotebooksTest {

    @TestFactory
    @DisabledIfSystemProperty(
            named = "ddl.update",
            matches = "true",
            disabledReason = "the notebooks are being written anew, and are checked then")
    Stream<DynamicTest> outputsBelongToTheirCode() throws IOException {
        return Checkout.current().committed().stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
    }

    @TestFactory
    Stream<DynamicTest> plantedFaultsFindTheirCode() throws IOException {
        Checkout checkout = Checkout.current();
        return checkout.committed().stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    Notebook notebook = Notebook.read(file);
                    List<Plant> plants = Plant.of(checkout, notebook.name());
                    assertFalse(
                            plants.isEmpty(),
                            "no planted fault in src/test/resources/plants/" + notebook.name() + ".json");
                    plants.forEach(plant -> plant.into(notebook));
                }));
    }

    /** In the article every number is filled in by code; {@link Prose} refuses those that are typed there. */
    @Test
    void noNumberIsTypedIntoTheTextOfTheArticle() throws IOException {
        Notebook article = Notebook.read(Checkout.current().notebooks().resolve("13-report.ipynb"));
        int texts = 0;
        for (JsonNode cell : article.cells()) {
            String source = Notebook.text(cell.path("source"));
            if (!Notebook.isCode(cell) && !source.startsWith("## References")) {
                assertEquals(List.of(), Prose.typed(source));
                texts++;
            }
            assertFalse(
                    Notebook.isCode(cell) && source.contains("Display.markdown("),
                    "text that is not filled in by Prose: " + source);
        }
        assertTrue(texts > 0, "no text found");
    }

    /** The article reads as one: its code is there, folded. */
    @Test
    void theCodeOfTheArticleIsFolded() throws IOException {
        Notebook article = Notebook.read(Checkout.current().notebooks().resolve("13-report.ipynb"));
        for (JsonNode cell : article.cells()) {
            String source = Notebook.text(cell.path("source"));
            if (Notebook.isCode(cell)) {
                JsonNode metadata = cell.path("metadata");
                assertTrue(
                        metadata.path("tags").toString().contains("\"hide-input\""), "not folded in print: " + source);
                assertTrue(metadata.at("/jupyter/source_hidden").asBoolean(), "not folded in Jupyter: " + source);
            }
        }
    }

    private static void check(Path file) throws IOException {
        List<String> complaints = Seal.complaints(Notebook.read(file), Files.size(file));
        assertEquals(List.of(), complaints, file.getFileName() + ": 'mvn verify -Dddl.update' writes it anew");
    }
}
