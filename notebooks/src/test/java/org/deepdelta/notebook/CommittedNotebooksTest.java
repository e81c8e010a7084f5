package org.deepdelta.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
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

    private static void check(Path file) throws IOException {
        List<String> complaints = Seal.complaints(Notebook.read(file), Files.size(file));
        assertEquals(List.of(), complaints, file.getFileName() + ": 'mvn verify -Dddl.update' writes it anew");
    }
}
