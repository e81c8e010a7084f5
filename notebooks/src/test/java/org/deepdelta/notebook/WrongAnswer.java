package org.deepdelta.notebook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A wrong answer to one question of a problem set, and what nbgrader has to make of it.
 *
 * @param answer grade_id of the cell that it stands in
 * @param find a piece of the model answer that occurs in the cell once
 * @param replace what takes its place
 * @param loses grade_ids of the tests cells that give no points for it; all others give theirs
 * @param says a part of the message in the first of them
 * @param hidden whether the checks that a student sees let it pass
 */
record WrongAnswer(String answer, String find, String replace, Set<String> loses, String says, boolean hidden) {

    /** The list {@code src/test/resources/wrong-answers/NAME.json}. */
    static List<WrongAnswer> of(Checkout checkout, String set) throws IOException {
        Path file = checkout.notebooks().resolve("src/test/resources/wrong-answers/" + set + ".json");
        List<WrongAnswer> answers = new ArrayList<>();
        for (JsonNode entry : new ObjectMapper().readTree(Files.readString(file))) {
            Set<String> loses = new TreeSet<>();
            entry.path("loses").forEach(id -> loses.add(id.asText()));
            answers.add(new WrongAnswer(
                    entry.path("answer").asText(),
                    entry.path("find").asText(),
                    entry.path("replace").asText(),
                    loses,
                    entry.path("says").asText(),
                    entry.path("hidden").asBoolean()));
        }
        return answers;
    }

    /**
     * The instructor's version with this answer in it.
     *
     * @throws IllegalArgumentException if the cell or the piece of code is not there once
     */
    Notebook into(ProblemSet set) {
        Notebook wrong = new Notebook(set.name(), set.source().json().deepCopy());
        List<JsonNode> cells = wrong.cells().stream()
                .filter(cell ->
                        ProblemSet.grading(cell).path("grade_id").asText().equals(answer))
                .toList();
        String text = cells.size() == 1 ? Notebook.text(cells.get(0).path("source")) : "";
        if (find.isEmpty() || text.indexOf(find) < 0 || text.indexOf(find) != text.lastIndexOf(find)) {
            throw new IllegalArgumentException(set.name() + ": expected '" + find + "' once in the cell " + answer);
        }
        ((ObjectNode) cells.get(0)).put("source", text.replace(find, replace));
        return wrong;
    }

    String label() {
        return answer + ": " + replace;
    }
}
