package org.deepdelta.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deepdelta.report.Preset;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * The problem sets on the kernel that the set-up found. All versions of a set run one after the other in one kernel: the students' first, so
 * that nothing which only the instructor's version defines can help it, then the instructor's, then for each wrong answer what it reaches, and
 * the right answer again.
 */
final class ProblemSetsIT {

    private static final int FEW = 3;
    private static final Pattern DECLARED = Pattern.compile("(?m)^[\\w.<>\\[\\], ]+? (\\w+)(?= =|\\(| implements)");

    private final Checkout checkout = Checkout.current();

    @TestFactory
    Stream<DynamicNode> firstSet() throws Exception {
        ProblemSet first = ProblemSet.of(checkout).get(0);
        return graded(
                first,
                WrongAnswer.of(checkout, first.name()).stream().limit(FEW).toList());
    }

    @TestFactory
    @Tag("full")
    Stream<DynamicNode> allSets() throws Exception {
        List<DynamicNode> nodes = new ArrayList<>();
        for (ProblemSet set : ProblemSet.of(checkout)) {
            nodes.add(DynamicContainer.dynamicContainer(set.name(), graded(set, WrongAnswer.of(checkout, set.name()))));
        }
        return nodes.stream();
    }

    private Stream<DynamicNode> graded(ProblemSet set, List<WrongAnswer> wrong) throws Exception {
        Session session = new Session(set);
        session.add(set.student().cells());
        session.add(set.source().cells());
        for (WrongAnswer answer : wrong) {
            Notebook whole = answer.into(set);
            session.add(reached(answer, whole));
            session.add(lost(answer, ProblemSet.released(whole)));
            session.add(reached(answer, set.source()).stream()
                    .filter(cell -> !ProblemSet.isTests(cell))
                    .toList());
        }
        List<List<JsonNode>> executed = session.execute(checkout);

        List<DynamicNode> tests = new ArrayList<>();
        tests.add(DynamicTest.dynamicTest(
                set.name() + ", student's version: nothing is answered, and that is what is said",
                () -> unanswered(executed.get(0))));
        tests.add(DynamicTest.dynamicTest(
                set.name() + ", instructor's version: full points", () -> complete(executed.get(1))));
        for (int i = 0; i < wrong.size(); i++) {
            WrongAnswer answer = wrong.get(i);
            List<JsonNode> marked = executed.get(2 + 3 * i);
            List<JsonNode> seen = executed.get(3 + 3 * i);
            tests.add(DynamicTest.dynamicTest(set.name() + ", " + answer.label(), () -> wrong(answer, marked, seen)));
        }
        return tests.stream();
    }

    private static void unanswered(List<JsonNode> cells) {
        Marks marks = Marks.of(cells);
        assertEquals(marks.most().keySet(), marks.messages().keySet(), "every check fails");
        marks.messages().forEach((id, message) -> assertTrue(message.contains("no answer yet"), id + ": " + message));
        cells.stream().filter(cell -> !ProblemSet.isTests(cell)).forEach(ProblemSetsIT::runs);
    }

    private static void complete(List<JsonNode> cells) {
        cells.forEach(ProblemSetsIT::runs);
        assertEquals(Set.of(), Marks.of(cells).lost());
    }

    private static void wrong(WrongAnswer answer, List<JsonNode> marked, List<JsonNode> seen) {
        runs(marked.get(0));
        Marks marks = Marks.of(marked);
        assertEquals(answer.loses(), marks.lost(), marks.messages().toString());
        String first = marks.messages().values().iterator().next();
        assertTrue(first.contains(answer.says()), first);
        Marks own = Marks.of(seen);
        assertEquals(
                answer.hidden(),
                own.lost().isEmpty(),
                "whether it passes the checks that a student sees: " + own.messages());
    }

    private static void runs(JsonNode cell) {
        Notebook alone = new Notebook("cell", JsonNodeFactory.instance.objectNode());
        alone.json().putArray("cells").add(cell);
        assertEquals(List.of(), alone.faults(), "the cell " + cell.path("id"));
    }

    /**
     * The cell of the answer and what it reaches: code below that names what it declares, or what another such cell declares. Nothing reads
     * what a tests cell declares but itself. All other cells are as they were in the instructor's version.
     */
    private static List<JsonNode> reached(WrongAnswer answer, Notebook version) {
        List<JsonNode> reached = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonNode cell : version.cells()) {
            String text = Notebook.text(cell.path("source"));
            boolean named = Pattern.compile("\\W+").splitAsStream(text).anyMatch(names::contains);
            if (Notebook.isCode(cell) && (named || id(cell).equals(answer.answer()))) {
                reached.add(cell);
                if (!ProblemSet.isTests(cell)) {
                    DECLARED.matcher(text).results().forEach(found -> names.add(found.group(1)));
                }
            }
        }
        return reached;
    }

    private static List<JsonNode> lost(WrongAnswer answer, Notebook version) {
        return version.cells().stream()
                .filter(cell -> answer.loses().contains(id(cell)))
                .toList();
    }

    private static String id(JsonNode cell) {
        return ProblemSet.grading(cell).path("grade_id").asText();
    }

    /** Cells for one kernel, in parts. */
    private static final class Session {
        private final Notebook joined;
        private final ArrayNode cells;
        private final List<Integer> ends = new ArrayList<>(List.of(0));

        Session(ProblemSet set) {
            joined = new Notebook(set.name(), set.source().json().deepCopy());
            cells = joined.json().putArray("cells");
        }

        void add(List<JsonNode> part) {
            for (JsonNode cell : part) {
                // The format wants every id once.
                cells.add(((ObjectNode) cell.deepCopy()).put("id", "cell-" + cells.size()));
            }
            ends.add(cells.size());
        }

        /** The parts with their outputs. */
        List<List<JsonNode>> execute(Checkout checkout) throws IOException, InterruptedException {
            Path folder = checkout.target().resolve("executed/problem-sets");
            Progress silent = new Progress(new PrintStream(new ByteArrayOutputStream()));
            Execution.Result result =
                    new Execution(joined, Optional.empty(), folder).runOn(new Jupyter(checkout), Preset.SMOKE, silent);
            List<JsonNode> executed = result.executed()
                    .orElseThrow(() -> new AssertionError(result.complaints().toString()))
                    .cells();
            return IntStream.range(1, ends.size())
                    .mapToObj(i -> executed.subList(ends.get(i - 1), ends.get(i)))
                    .toList();
        }
    }
}
