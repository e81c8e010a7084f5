package org.deepdelta.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deepdelta.report.Preset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** nbgrader itself over the course, where Jupyter's Python has it: generate, validate, autograde, export. */
@Tag("full")
final class NbgraderIT {

    private final Checkout checkout = Checkout.current();
    private final Path course = checkout.target().resolve("nbgrader");
    private Jupyter jupyter;

    private record Said(int code, String text) {}

    @BeforeEach
    void isInstalled() throws Exception {
        jupyter = new Jupyter(checkout);
        Files.createDirectories(course);
        assumeTrue(
                nbgrader("--version").code() == 0,
                "nbgrader is not installed for " + jupyter.setup().python()
                        + ": its own generate, validate and autograde were not run (conda: environment.yml has it)");
        copyCourse();
    }

    @Test
    void releasesAreWhatTheRulesSay() throws Exception {
        for (ProblemSet set : ProblemSet.of(checkout)) {
            ran(nbgrader("generate_assignment", set.name()));
            List<JsonNode> expected = set.student().cells();
            List<JsonNode> released = released(set).cells();
            assertEquals(expected.size(), released.size(), set.name());
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(
                        Notebook.text(expected.get(i).path("source")),
                        Notebook.text(released.get(i).path("source")),
                        set.name() + ", cell " + expected.get(i).path("id"));
            }
        }
    }

    @Test
    void instructorsVersionsAreValid() throws Exception {
        for (ProblemSet set : ProblemSet.of(checkout)) {
            Said said = ran(nbgrader("validate", "source/" + set.name() + "/" + file(set)));
            assertTrue(said.text().contains("Success"), said.text());
        }
    }

    @Test
    void answersAreGraded() throws Exception {
        ProblemSet set = ProblemSet.of(checkout).get(0);
        ran(nbgrader("generate_assignment", set.name()));
        Map<String, Double> expected = new HashMap<>();
        double tests = set.source().cells().stream()
                .filter(ProblemSet::isTests)
                .mapToDouble(NbgraderIT::points)
                .sum();
        submit(set, set.source(), "right");
        expected.put("right", tests);
        submit(set, set.student(), "nothing");
        expected.put("nothing", 0.0);
        List<WrongAnswer> wrong = WrongAnswer.of(checkout, set.name());
        for (int i = 0; i < wrong.size(); i++) {
            WrongAnswer answer = wrong.get(i);
            submit(set, answer.into(set), "wrong" + i);
            double lost = set.source().cells().stream()
                    .filter(cell -> answer.loses()
                            .contains(ProblemSet.grading(cell).path("grade_id").asText()))
                    .mapToDouble(NbgraderIT::points)
                    .sum();
            expected.put("wrong" + i, tests - lost);
        }
        ran(nbgrader("autograde", set.name()));
        ran(nbgrader("export"));
        assertEquals(expected, scores());
    }

    private static double points(JsonNode cell) {
        return ProblemSet.grading(cell).path("points").asDouble();
    }

    /** The release with the answers of a version in it. */
    private void submit(ProblemSet set, Notebook version, String student) throws IOException {
        Notebook handedIn = released(set);
        for (int i = 0; i < handedIn.cells().size(); i++) {
            JsonNode cell = handedIn.cells().get(i);
            // Written answers stay stubs: only a teacher could mark them.
            if (ProblemSet.isAnswer(cell) && Notebook.isCode(cell)) {
                ((ObjectNode) cell).set("source", version.cells().get(i).path("source"));
            }
        }
        handedIn.write(course.resolve("submitted/" + student + "/" + set.name() + "/" + file(set)));
    }

    private Notebook released(ProblemSet set) throws IOException {
        return Notebook.read(course.resolve("release/" + set.name() + "/" + file(set)));
    }

    private static String file(ProblemSet set) {
        return set.source().name() + ".ipynb";
    }

    private Map<String, Double> scores() throws IOException {
        List<String> lines = Files.readAllLines(course.resolve("grades.csv"), StandardCharsets.UTF_8);
        List<String> names = Arrays.asList(lines.get(0).split(","));
        Map<String, Double> scores = new HashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",", -1);
            scores.put(fields[names.indexOf("student_id")], Double.valueOf(fields[names.indexOf("raw_score")]));
        }
        return scores;
    }

    private void copyCourse() throws IOException {
        try (Stream<Path> old = Files.walk(course)) {
            for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
        Path from = checkout.exercises();
        for (Path file : List.of(from.resolve("nbgrader_config.py"), from.resolve("source"))) {
            try (Stream<Path> files = Files.walk(file)) {
                for (Path path : files.filter(Files::isRegularFile).toList()) {
                    Path to = course.resolve(from.relativize(path));
                    Files.createDirectories(to.getParent());
                    Files.copy(path, to, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private Said nbgrader(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("-m", "nbgrader"));
        command.addAll(List.of(arguments));
        Process process = jupyter.python(Preset.SMOKE, command)
                .directory(course.toFile())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(process.waitFor(), text);
    }

    private static Said ran(Said said) {
        assertEquals(0, said.code(), said.text());
        return said;
    }
}
