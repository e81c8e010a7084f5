package org.deepdelta.notebook;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What nbgrader would give for executed cells, by its own rules: none where a cell failed or wrote to standard error, the number that the
 * cell ends in where there is one, all points otherwise. What a teacher marks is left out.
 *
 * @param given points by grade_id
 * @param most points by grade_id that could be had
 * @param messages what failing tests cells said, by grade_id
 */
record Marks(Map<String, Double> given, Map<String, Double> most, Map<String, String> messages) {

    static Marks of(List<JsonNode> executed) {
        Marks marks = new Marks(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        executed.stream().filter(ProblemSet::isTests).filter(Notebook::isCode).forEach(marks::mark);
        return marks;
    }

    private void mark(JsonNode cell) {
        String id = ProblemSet.grading(cell).path("grade_id").asText();
        double points = ProblemSet.grading(cell).path("points").asDouble();
        most.put(id, points);
        given.put(id, points);
        for (JsonNode output : cell.path("outputs")) {
            String type = output.path("output_type").asText();
            if (type.equals("error") || output.path("name").asText().equals("stderr")) {
                given.put(id, 0.0);
                messages.put(id, output.path("evalue").asText() + Notebook.text(output.path("text")));
                return;
            }
            if (type.equals("execute_result")) {
                throw new AssertionError(id + " ends in a value, which nbgrader takes for points: " + output);
            }
        }
    }

    /** The cells that gave less than they could. */
    Set<String> lost() {
        Set<String> lost = new TreeSet<>(most.keySet());
        lost.removeIf(id -> given.get(id).equals(most.get(id)));
        return lost;
    }
}
