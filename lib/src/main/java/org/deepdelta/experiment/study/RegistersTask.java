package org.deepdelta.experiment.study;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deepdelta.data.Batch;
import org.deepdelta.data.Batches;
import org.deepdelta.data.RegisterTask;
import org.deepdelta.experiment.Accuracy;
import org.deepdelta.model.Gpt;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.tensor.Device;

/**
 * A register machine, {@code registers:registers=6,instructions=3,queries=6,kind=exchange} ({@link RegisterTask}), for a model of as many layers as
 * instructions.
 *
 * <p>Scores, on about 6,100 questions about programs that training does not hold: {@code accuracy.changes=n}, the share of right answers where the pointer
 * changes n times (none if nothing is asked); {@code accuracy.twice}, where it changes at least twice; {@code accuracy}, all.
 */
final class RegistersTask implements Task {
    private static final int QUESTIONS = 6144;
    private static final long TEST = 1_000_000_000L;
    private static final long RUN = 10_000_000L;

    private final RegisterTask task;

    /** Makes them by name. */
    public static final class Provider implements Task.Provider {
        /** For {@link java.util.ServiceLoader}. */
        public Provider() {}

        @Override
        public List<String> names() {
            return List.of("registers");
        }

        @Override
        public Task create(NamedOptions o) {
            RegisterTask.Kind kind = RegisterTask.Kind.valueOf(
                    o.choice("kind", "exchange", List.of("exchange", "move")).toUpperCase(Locale.ROOT));
            RegisterTask task = new RegisterTask(
                    o.integer("registers", 6, 3), o.integer("instructions", 3, 2), o.integer("queries", 6, 1), kind, 7);
            o.done();
            return new RegistersTask(task);
        }
    }

    private RegistersTask(RegisterTask task) {
        this.task = task;
    }

    @Override
    public String describe() {
        return "registers:registers=" + task.registers() + ",instructions=" + task.instructions() + ",queries="
                + task.queries() + ",kind=" + task.kind().name().toLowerCase(Locale.ROOT);
    }

    @Override
    public int vocabulary() {
        return task.vocabulary();
    }

    @Override
    public int length() {
        return task.length();
    }

    @Override
    public Batches training(int rows, long seed) {
        Batches all = task.training(rows);
        return position -> all.batch(RUN * seed + position);
    }

    @Override
    public Map<String, Double> scores(Gpt gpt, Device device, long read) {
        Batch all = task.heldOut(QUESTIONS / task.queries()).batch(TEST);
        int most = task.instructions();
        Map<String, Double> scores = new LinkedHashMap<>();
        for (int n = 0; n <= most; n++) {
            Batch some = task.changing(all, n, n);
            if (some.scored() > 0) {
                scores.put("accuracy.changes=" + n, Accuracy.of(gpt, device, some, 1));
            }
        }
        scores.put("accuracy.twice", Accuracy.of(gpt, device, task.changing(all, 2, most), 1));
        scores.put("accuracy", Accuracy.of(gpt, device, all, 1));
        return scores;
    }
}
