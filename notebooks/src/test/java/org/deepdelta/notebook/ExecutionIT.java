package org.deepdelta.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deepdelta.report.Preset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Small notebooks through the Jupyter and the kernel that the set-up found, two at a time. */
final class ExecutionIT {

    private static final Map<String, Execution.Result> RESULTS = new HashMap<>();

    @BeforeAll
    static void runAll() throws Exception {
        Checkout checkout = Checkout.current();
        Path folder = checkout.target().resolve("executed/it");
        Jupyter jupyter = new Jupyter(checkout);
        Progress silent = new Progress(new PrintStream(new ByteArrayOutputStream()));
        Plant sign = new Plant(1, "1 - beta", "1 + beta", "expected -0.5");
        List<List<Execution>> work = List.of(
                List.of(
                        new Execution(Samples.read("sample"), Optional.empty(), folder),
                        new Execution(Samples.read("sample"), Optional.of(sign), folder)),
                List.of(new Execution(Samples.read("failing"), Optional.empty(), folder)),
                List.of(new Execution(Samples.read("uncompiled"), Optional.empty(), folder)),
                List.of(new Execution(Samples.read("noisy"), Optional.empty(), folder)));
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try {
            List<Future<List<Execution.Result>>> futures = work.stream()
                    .map(sitting -> pool.submit(() -> Execution.run(sitting, jupyter, Preset.SMOKE, silent)))
                    .toList();
            for (Future<List<Execution.Result>> future : futures) {
                future.get().forEach(result -> RESULTS.put(result.execution().label(), result));
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static String complaint(String label) {
        List<String> complaints = RESULTS.get(label).complaints();
        assertEquals(1, complaints.size(), complaints.toString());
        return complaints.get(0);
    }

    @Test
    void outputsComeBackAndThePresetArrives() {
        Execution.Result result = RESULTS.get("sample");
        assertEquals(List.of(), result.complaints());
        List<JsonNode> cells = result.executed().orElseThrow().cells();
        assertEquals("eigenvalue -0.5\n", Notebook.text(cells.get(1).at("/outputs/0/text")));
        assertEquals(
                "preset smoke\nunicode β ‖x‖₂\n", Notebook.text(cells.get(2).at("/outputs/0/text")));
        assertEquals(3, cells.get(3).path("execution_count").asInt());
    }

    @Test
    void failureNamesNotebookCellAndErrorAndEndsTheRun() {
        String complaint = complaint("failing");
        assertTrue(complaint.startsWith("failing.ipynb, cell 4 of 5: "), complaint);
        assertTrue(complaint.contains("beta = 3.0 lies outside [0, 2]"), complaint);
        Notebook executed = RESULTS.get("failing").executed().orElseThrow();
        assertTrue(executed.cells().get(4).path("outputs").isEmpty(), "ran past the failure");
    }

    @Test
    void compileErrorShowsItsText() {
        String complaint = complaint("uncompiled");
        assertTrue(complaint.startsWith("uncompiled.ipynb, cell 2 of 2: "), complaint);
        assertTrue(complaint.contains("missing"), complaint);
    }

    @Test
    void aWordOnStandardErrorIsAFault() {
        assertEquals("noisy.ipynb, cell 2 of 2: on standard error: a warning", complaint("noisy"));
    }

    @Test
    void plantedFaultIsSeenByTheLastCell() {
        assertEquals(List.of(), RESULTS.get("sample [plant 1]").complaints());
    }

    @Test
    void executedNotebookCanBeSealed() {
        Notebook executed = RESULTS.get("sample").executed().orElseThrow();
        assertEquals(List.of(), Seal.complaints(Seal.sealed(executed, Preset.LAPTOP), 10_000));
        assertFalse(Seal.complaints(executed, 10_000).isEmpty());
    }
}
