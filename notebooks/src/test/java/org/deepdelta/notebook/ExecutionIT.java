package org.deepdelta.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Small notebooks through the Jupyter and the kernel that the set-up found. */
final class ExecutionIT {

    private static Jupyter jupyter;

    @BeforeAll
    static void setUp() throws Exception {
        jupyter = new Jupyter(Checkout.current());
    }

    private static Execution.Result run(Notebook notebook, Plant plant) throws Exception {
        Progress silent = new Progress(new PrintStream(new ByteArrayOutputStream()));
        return new Execution(
                        notebook,
                        Optional.ofNullable(plant),
                        Checkout.current().target().resolve("executed/it"))
                .run(jupyter, Preset.SMOKE, silent);
    }

    @Test
    void outputsComeBackAndThePresetArrives() throws Exception {
        Execution.Result result = run(Samples.read("sample"), null);
        assertEquals(List.of(), result.complaints());
        List<JsonNode> cells = result.executed().orElseThrow().cells();
        assertEquals("eigenvalue -0.5\n", Notebook.text(cells.get(1).at("/outputs/0/text")));
        assertEquals(
                "preset smoke\nunicode β ‖x‖₂\n", Notebook.text(cells.get(2).at("/outputs/0/text")));
        assertEquals(3, cells.get(3).path("execution_count").asInt());
    }

    @Test
    void failureNamesNotebookCellAndError() throws Exception {
        Execution.Result result = run(Samples.read("failing"), null);
        assertEquals(1, result.complaints().size());
        String complaint = result.complaints().get(0);
        assertTrue(complaint.startsWith("failing.ipynb, cell 4 of 5: "), complaint);
        assertTrue(complaint.contains("beta = 3.0 lies outside [0, 2]"), complaint);
        assertTrue(
                result.executed().orElseThrow().cells().get(4).path("outputs").isEmpty(), "ran past the failure");
    }

    @Test
    void compileErrorShowsItsText() throws Exception {
        String complaint = run(Samples.read("uncompiled"), null).complaints().get(0);
        assertTrue(complaint.startsWith("uncompiled.ipynb, cell 2 of 2: "), complaint);
        assertTrue(complaint.contains("missing"), complaint);
    }

    @Test
    void aWordOnStandardErrorIsAFault() throws Exception {
        String complaint = run(Samples.read("noisy"), null).complaints().get(0);
        assertEquals("noisy.ipynb, cell 2 of 2: on standard error: a warning", complaint);
    }

    @Test
    void plantedFaultIsSeenByTheLastCell() throws Exception {
        Plant sign = new Plant(1, "1 - beta", "1 + beta", "expected -0.5");
        assertEquals(List.of(), run(Samples.read("sample"), sign).complaints());
        Plant harmless = new Plant(2, "1 - beta", "-(beta - 1)", "expected -0.5");
        assertTrue(run(Samples.read("sample"), harmless).complaints().get(0).contains("went unseen"));
        Plant elsewhere = new Plant(3, "1 - beta", "missing", "expected -0.5");
        assertTrue(run(Samples.read("sample"), elsewhere).complaints().get(0).contains("but cell 2 did"));
    }

    @Test
    void executedNotebookCanBeSealed() throws Exception {
        Notebook executed = run(Samples.read("sample"), null).executed().orElseThrow();
        assertEquals(List.of(), Seal.complaints(Seal.sealed(executed, Preset.LAPTOP), 10_000));
        assertFalse(Seal.complaints(executed, 10_000).isEmpty());
    }

    @Test
    void plantWithoutItsCodeIsRefused() {
        Plant lost = new Plant(1, "gamma", "delta", "x");
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> run(Samples.read("sample"), lost));
        assertTrue(e.getMessage().contains("found it 0 times"), e.getMessage());
    }
}
