package org.deepdelta.notebook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * An exercise for nbgrader: the instructor's version of a notebook, and from it, by nbgrader's rules, what students are handed.
 *
 * @param name of the folder below {@code exercises/source}, such as ps1
 * @param source the instructor's version
 */
public record ProblemSet(String name, Notebook source) {

    /** The comment that nbgrader puts in the place of a solution in Java. */
    public static final String CODE_STUB = "// YOUR CODE HERE";

    /** What it puts in the place of a written answer. */
    public static final String TEXT_STUB = "YOUR ANSWER HERE";

    /** The parts of a cell that nbgrader takes out: between a line with BEGIN and the name and one with END and the name. */
    public enum Region {
        /** Of an answer; the stub takes its place. */
        SOLUTION,
        /** Of a tests cell. */
        HIDDEN_TESTS,
        /** Of a task. */
        MARK_SCHEME;

        /** The words in its first line. */
        public String begin() {
            return "BEGIN " + words();
        }

        /** The words in its last line. */
        public String end() {
            return "END " + words();
        }

        private String words() {
            return name().replace('_', ' ');
        }
    }

    /**
     * The problem sets of a checkout, by name.
     *
     * @throws IOException if a folder does not hold exactly one notebook
     */
    public static List<ProblemSet> of(Checkout checkout) throws IOException {
        List<ProblemSet> sets = new ArrayList<>();
        for (Path folder : sorted(checkout.exercises().resolve("source"))) {
            List<Path> notebooks = sorted(folder).stream()
                    .filter(file -> file.getFileName().toString().endsWith(".ipynb"))
                    .toList();
            if (notebooks.size() != 1) {
                throw new IOException(folder + ": expected one notebook, found " + notebooks);
            }
            sets.add(new ProblemSet(folder.getFileName().toString(), Notebook.read(notebooks.get(0))));
        }
        return sets;
    }

    private static List<Path> sorted(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    /** What nbgrader knows of a cell: an empty object for one that it leaves alone. */
    public static JsonNode grading(JsonNode cell) {
        return cell.path("metadata").path("nbgrader");
    }

    /** Whether tests grade the answers of a cell before it. */
    public static boolean isTests(JsonNode cell) {
        return grading(cell).path("grade").asBoolean() && !isAnswer(cell);
    }

    /** Whether a student writes in it. */
    public static boolean isAnswer(JsonNode cell) {
        return grading(cell).path("solution").asBoolean();
    }

    /**
     * What students are handed: stubs in the place of solutions, no hidden tests, no mark schemes.
     *
     * @throws IllegalArgumentException if a region is opened twice or not closed
     */
    public Notebook student() {
        Notebook student = released();
        for (JsonNode cell : student.cells()) {
            if (isAnswer(cell)) {
                String text = Notebook.text(cell.path("source"));
                String stub = Notebook.isCode(cell) ? CODE_STUB : TEXT_STUB;
                ((ObjectNode) cell)
                        .put(
                                "source",
                                text.contains(Region.SOLUTION.begin()) ? cut(text, Region.SOLUTION, stub) : stub);
            }
        }
        return student;
    }

    /** The instructor's version with its solutions, but with the checks that a student sees and no others. */
    public Notebook released() {
        return released(source);
    }

    /** Any version of it without hidden tests, mark schemes and outputs. */
    public static Notebook released(Notebook version) {
        Notebook released = new Notebook(version.name(), version.json().deepCopy());
        for (JsonNode cell : released.cells()) {
            String text = Notebook.text(cell.path("source"));
            ((ObjectNode) cell).put("source", cut(cut(text, Region.HIDDEN_TESTS, null), Region.MARK_SCHEME, null));
            if (Notebook.isCode(cell)) {
                ((ObjectNode) cell).putNull("execution_count").putArray("outputs");
            }
        }
        return released;
    }

    private static String cut(String text, Region region, String stub) {
        List<String> kept = new ArrayList<>();
        boolean inside = false;
        for (String line : text.split("\n", -1)) {
            if (line.contains(region.begin())) {
                if (inside) {
                    throw new IllegalArgumentException("'" + region.begin() + "' stands inside such a region");
                }
                inside = true;
                if (stub != null) {
                    kept.add(line.substring(
                                    0, line.length() - line.stripLeading().length())
                            + stub);
                }
            } else if (line.contains(region.end())) {
                inside = false;
            } else if (!inside) {
                kept.add(line);
            }
        }
        if (inside) {
            throw new IllegalArgumentException("'" + region.begin() + "' has no '" + region.end() + "' after it");
        }
        return String.join("\n", kept);
    }
}
