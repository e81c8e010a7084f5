package org.deepdelta.experiment.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deepdelta.data.Batch;
import org.deepdelta.data.JavaSources;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.Additive;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tasks that a study can name. */
final class TasksTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flip:symbols=5,rounds=2",
                "walk:symbols=13,queries=3",
                "text:length=8,validation=65",
                "registers:registers=4,kind=move"
            })
    void aTaskIsItsLine(String line) {
        Task task = Task.of(line);
        Task again = Task.of(task.describe());
        assertEquals(task.describe(), again.describe());
        assertEquals(task.digest(), again.digest());
        Batch batch = task.training(3, 4).batch(5);
        assertEquals(3, batch.B());
        assertEquals(task.length(), batch.T());
        assertArrayEquals(batch.ids(), again.training(3, 4).batch(5).ids());
        assertFalse(Arrays.equals(batch.ids(), task.training(3, 5).batch(5).ids()), "another seed");
        for (int id : batch.ids()) {
            assertTrue(id >= 0 && id < task.vocabulary());
        }
    }

    @Test
    void whatDiffersHasAnotherDigest() {
        assertNotEquals(Task.of("flip").digest(), Task.of("flip:cycle=3").digest());
        assertNotEquals(Task.of("flip").digest(), Task.of("walk").digest());
        assertNotEquals(
                Task.of("registers").digest(), Task.of("registers:kind=move").digest());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "walk:symbols=12|expected more than 4 times rounds=3",
                "walk:rounds=0|rounds=0: expected a whole number >= 1",
                "flip:symbols=3,cycle=3|more symbols than that",
                "flip:cycle=3,audit=true|expected cycle=2",
                "registers:registers=2|registers=2: expected a whole number >= 3",
                "registers:kind=copy|kind=copy: expected exchange|move",
                "text:length=0|length=0: expected a whole number >= 1",
                "text:corpus=other|option corpus=other",
            })
    void whatIsWrongIsNamed(String line, String says) {
        String said = assertThrows(IllegalArgumentException.class, () -> Task.of(line))
                .getMessage();
        assertTrue(said.contains(says), said);
    }

    /** An untrained model does not beat counting, and counting more bytes helps. */
    @Test
    void textIsScoredBesideCounting() {
        Task task = Task.of("text:length=16,validation=257");
        Map<String, Double> few = task.scores(untrained(task), Device.cpu(), 2_000);
        Map<String, Double> more = task.scores(untrained(task), Device.cpu(), 200_000);
        assertEquals(List.of("bits_per_byte", "count4.bits_per_byte"), List.copyOf(few.keySet()));
        assertEquals(8, few.get("bits_per_byte"), 0.2, "no better than a guess among 256");
        assertEquals(few.get("bits_per_byte"), more.get("bits_per_byte"));
        assertTrue(more.get("count4.bits_per_byte") < few.get("count4.bits_per_byte"));
        assertEquals(Hash.of(JavaSources.load().fingerprint()), task.digest());
    }

    @Test
    void aWalkIsAskedAtFourTimesTheRounds() {
        Task task = Task.of("walk:symbols=9,queries=4,rounds=2");
        Map<String, Double> scores = task.scores(untrained(task), Device.cpu(), 0);
        assertTrue(scores.containsKey("accuracy.unseen.R=8") && !scores.containsKey("accuracy.unseen.R=9"));
        assertFalse(scores.keySet().stream().anyMatch(name -> name.startsWith("accuracy.seen")));
        assertEquals(0, scores.get("solved"));
        assertEquals(1.5, task.rounds());
    }

    /** Few slots and many questions, so that each number of changes is asked for; the counts add up to the whole. */
    @Test
    void registersAreScoredByTheirChanges() {
        Task task = Task.of("registers:registers=5,instructions=2,queries=3");
        Map<String, Double> scores = task.scores(untrained(task), Device.cpu(), 0);
        assertEquals(
                List.of("accuracy.changes=0", "accuracy.changes=1", "accuracy.changes=2", "accuracy.twice", "accuracy"),
                List.copyOf(scores.keySet()));
        assertEquals(scores.get("accuracy.changes=2"), scores.get("accuracy.twice"));
        assertTrue(scores.get("accuracy") < 0.7, "an untrained model guesses: " + scores);
        assertEquals(1, task.rounds());
    }

    private static Gpt untrained(Task task) {
        return new Gpt(GptConfig.of(task.vocabulary(), 1, 2, 8), new Additive(), Device.cpu(), DType.F32, 1);
    }

    /** An audit adds scores and changes neither data nor behaviour: results made without it stay valid. */
    @Test
    void anAuditOfFlipsAddsScoresAlone() {
        Task plain = Task.of("flip:symbols=5,rounds=2");
        Task audited = Task.of("flip:symbols=5,rounds=2,audit=true");
        assertFalse(plain.describe().contains("audit"));
        assertEquals(plain.describe() + ",audit=true", audited.describe());
        assertEquals(plain.digest(), audited.digest());
        Gpt gpt = new Gpt(
                GptConfig.of(plain.vocabulary(), 1, 2, 8), ResidualStream.of("ddl_scalar"), Device.cpu(), DType.F32, 1);
        Map<String, Double> without = plain.scores(gpt, Device.cpu(), 0);
        Map<String, Double> with = audited.scores(gpt, Device.cpu(), 0);
        assertEquals(
                List.copyOf(without.entrySet()), List.copyOf(with.entrySet()).subList(0, without.size()));
        assertTrue(with.keySet().stream().skip(without.size()).allMatch(name -> name.startsWith("audit.")));
        assertTrue(with.values().stream().allMatch(Double::isFinite), "every mean is of something: " + with);
    }
}
