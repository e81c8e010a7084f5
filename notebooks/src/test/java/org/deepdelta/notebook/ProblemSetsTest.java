package org.deepdelta.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What can be said of the problem sets without running them: that nbgrader takes them, and that they say the truth about their points. */
final class ProblemSetsTest {

    private static final Set<String> KEYS =
            Set.of("schema_version", "grade", "locked", "solution", "task", "grade_id", "points");
    private static final Pattern TOTAL =
            Pattern.compile("(?m)^\\*(\\d+) points, of which (\\d+) are given by tests\\. About \\d+ minutes");
    private static final Pattern QUESTION = Pattern.compile("(?m)^## Question (\\d+)\\. .+ \\((\\d+) points");
    private static final Pattern MARKER = Pattern.compile("(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)");

    private final Checkout checkout = Checkout.current();

    private interface Check {
        void of(ProblemSet set) throws IOException;
    }

    private Stream<DynamicTest> each(Check check) throws IOException {
        List<ProblemSet> sets = ProblemSet.of(checkout);
        assertEquals(
                List.of("ps1", "ps2", "ps3", "ps4"),
                sets.stream().map(ProblemSet::name).toList());
        return sets.stream().map(set -> DynamicTest.dynamicTest(set.name(), () -> check.of(set)));
    }

    @TestFactory
    Stream<DynamicTest> metadataIsOfSchema3() throws IOException {
        return each(set -> {
            JsonNode kernel = set.source().json().at("/metadata/kernelspec");
            assertEquals("java", kernel.path("name").asText());
            assertEquals("java", kernel.path("language").asText());
            Set<String> ids = new HashSet<>();
            for (JsonNode cell : set.source().cells()) {
                assertTrue(ids.add("cell " + cell.path("id").asText()), "twice: " + cell.path("id"));
                JsonNode grading = ProblemSet.grading(cell);
                if (!grading.isMissingNode()) {
                    String id = grading.path("grade_id").asText();
                    assertTrue(id.matches("[A-Za-z0-9_-]+") && ids.add(id), "a grade_id of its own: " + grading);
                    kind(cell, grading);
                }
            }
        });
    }

    /** One of the five kinds of cell that nbgrader knows, with points where it wants them. */
    private static void kind(JsonNode cell, JsonNode grading) {
        grading.fieldNames().forEachRemaining(key -> assertTrue(KEYS.contains(key), "unknown key " + key));
        assertEquals(3, grading.path("schema_version").asInt(), grading.toString());
        String kind = "";
        for (String flag : List.of("grade", "locked", "solution")) {
            assertTrue(grading.path(flag).isBoolean(), flag + " of " + grading);
            kind += grading.path(flag).asBoolean() ? flag.charAt(0) : '-';
        }
        boolean task = grading.path("task").asBoolean();
        boolean code = Notebook.isCode(cell);
        boolean known =
                switch (kind) {
                    case "-l-" -> !task || !code;
                    case "--s" -> code && !task;
                    case "gl-" -> code && !task;
                    case "g-s" -> !task;
                    default -> false;
                };
        assertTrue(known, "no kind of nbgrader's: " + grading + (code ? ", code" : ", text"));
        boolean points = grading.path("grade").asBoolean() || task;
        assertEquals(
                points,
                grading.path("points").isNumber() && grading.path("points").asDouble() > 0,
                grading.toString());
    }

    @TestFactory
    Stream<DynamicTest> pointsAreWhatTheTextSays() throws IOException {
        return each(set -> {
            double total = 0;
            double tests = 0;
            double asked = 0;
            double given = 0;
            boolean byHand = false;
            for (JsonNode cell : set.source().cells()) {
                double points = ProblemSet.grading(cell).path("points").asDouble();
                Matcher question = QUESTION.matcher(Notebook.text(cell.path("source")));
                if (!Notebook.isCode(cell) && question.find()) {
                    assertEquals(
                            asked, given, set.name() + ": points of the question before question " + question.group(1));
                    asked = Double.parseDouble(question.group(2));
                    given = 0;
                }
                given += points;
                total += points;
                tests += ProblemSet.isTests(cell) ? points : 0;
                byHand |= points > 0 && !ProblemSet.isTests(cell);
            }
            assertEquals(asked, given, set.name() + ": points of the last question");
            assertTrue(byHand, set.name() + " has no question that a teacher marks");
            Matcher said =
                    TOTAL.matcher(Notebook.text(set.source().cells().get(0).path("source")));
            assertTrue(said.find(), "the first cell states points and minutes");
            assertEquals(total, Double.parseDouble(said.group(1)), "points in all");
            assertEquals(tests, Double.parseDouble(said.group(2)), "points by tests");
        });
    }

    @TestFactory
    Stream<DynamicTest> everyAnswerHasTestsThatSeeAndTestsThatHide() throws IOException {
        return each(set -> {
            List<JsonNode> cells = set.source().cells();
            boolean hidden = false;
            for (int i = 0; i < cells.size(); i++) {
                String text = Notebook.text(cells.get(i).path("source"));
                if (ProblemSet.isTests(cells.get(i))) {
                    assertTrue(
                            ProblemSet.grading(cells.get(i))
                                    .path("grade_id")
                                    .asText()
                                    .endsWith("-tests"),
                            text);
                    assertTrue(ends(text), "a tests cell ends in a statement: " + text);
                    assertFalse(text.contains("assert "), "a bare assert passes always");
                    hidden |= text.contains(ProblemSet.Region.HIDDEN_TESTS.begin());
                }
                assertFalse(text.contains("AUTOTEST"), "nbgrader takes that word for an instruction");
                assertFalse(text.lines().anyMatch(line -> line.startsWith("%")), "no magics: " + text);
                boolean answer = ProblemSet.isAnswer(cells.get(i)) && Notebook.isCode(cells.get(i));
                assertTrue(
                        !answer || text.contains(ProblemSet.Region.SOLUTION.begin()), "no stub would be left: " + text);
            }
            assertTrue(hidden, "no hidden tests in " + set.name());
        });
    }

    /** Nothing that a cell would show as its value. */
    private static boolean ends(String text) {
        String released = text.strip();
        return released.endsWith(";")
                || released.endsWith("}")
                || released.endsWith("// " + ProblemSet.Region.HIDDEN_TESTS.end());
    }

    @TestFactory
    Stream<DynamicTest> studentsSeeNoSolution() throws IOException {
        return each(set -> {
            Notebook student = set.student();
            for (int i = 0; i < student.cells().size(); i++) {
                JsonNode cell = student.cells().get(i);
                String text = Notebook.text(cell.path("source"));
                assertFalse(MARKER.matcher(text).find(), text);
                if (ProblemSet.isAnswer(cell)) {
                    assertTrue(
                            text.contains(Notebook.isCode(cell) ? ProblemSet.CODE_STUB : ProblemSet.TEXT_STUB), text);
                    assertFalse(
                            text.equals(
                                    Notebook.text(set.source().cells().get(i).path("source"))),
                            text);
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> sourcesCarryNoOutputsAndAreLaidOutAsJupyterDoes() throws IOException {
        return each(set -> {
            for (JsonNode cell : set.source().cells()) {
                assertTrue(
                        cell.path("outputs").isEmpty()
                                && cell.path("execution_count").asInt() == 0,
                        cell.toString());
            }
            Path file = checkout.exercises()
                    .resolve("source/" + set.name() + "/" + set.source().name() + ".ipynb");
            assertEquals(Json.text(set.source().json()) + "\n", Files.readString(file));
        });
    }

    @TestFactory
    Stream<DynamicTest> wrongAnswersFindTheirCode() throws IOException {
        return each(set -> {
            List<WrongAnswer> wrong = WrongAnswer.of(checkout, set.name());
            List<String> answered = new ArrayList<>();
            for (JsonNode cell : set.source().cells()) {
                if (ProblemSet.isAnswer(cell) && Notebook.isCode(cell)) {
                    answered.add(ProblemSet.grading(cell).path("grade_id").asText());
                }
            }
            wrong.forEach(answer -> answer.into(set));
            assertTrue(wrong.stream().anyMatch(WrongAnswer::hidden), "no hard-coded answer among them");
            assertEquals(
                    Set.copyOf(answered),
                    Set.copyOf(wrong.stream().map(WrongAnswer::answer).toList()),
                    "each answer is given wrongly at least once");
        });
    }
}
