package org.deepdelta.experiment.study;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deepdelta.data.Batch;
import org.deepdelta.model.Gpt;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.Loss;
import org.deepdelta.train.Optimizer;
import org.deepdelta.train.Schedule;
import org.deepdelta.train.TrainStep;

/**
 * How a configuration behaves, short enough to be kept with every result: three training steps in double on the reference operations, on two
 * rows of the run's data, at the peak rate, then the loss of a fourth batch, and the schedule's rate at ten points, all rounded to eight digits. A refactoring
 * leaves it alone; a change to rule, task, optimiser, initialisation or schedule does not. It depends on no device, and on threads or the
 * order of sums no further than the ninth digit.
 *
 * @param losses of three steps
 * @param norms of their gradients
 * @param after loss of the batch that follows
 * @param rates hash of the ten rates
 */
public record Fingerprint(String losses, String norms, String after, String rates) implements Serializable {
    private static final int STEPS = 3;
    private static final int ROWS = 2;
    private static final int POINTS = 10;

    /** Computes it, in about a second. */
    public static Fingerprint of(RunConfig config, Task task) {
        Device device = Device.reference();
        Gpt gpt = config.model(task, device, DType.F64);
        Optimizer optimizer = new Optimizer(gpt.parameters(), config.optimizer(), device);
        List<Double> losses = new ArrayList<>();
        List<Double> norms = new ArrayList<>();
        double after = Double.NaN;
        try (TrainStep step = new TrainStep(gpt.parameters(), device, 1, 1)) {
            for (long position = 0; position < STEPS; position++) {
                TrainStep.Micro micro =
                        new TrainStep.Micro(batch(config, task, position), task.loss(gpt, config.seed(), position));
                TrainStep.Outcome outcome = step.run(List.of(micro), optimizer, config.rate());
                losses.add(outcome.loss());
                norms.add(outcome.norm());
            }
            Loss last = task.loss(gpt, config.seed(), STEPS);
            after = step.evaluate(batch(config, task, STEPS), last);
        } catch (ArithmeticException e) {
            losses.add(Double.NaN); // a rate at which the run diverges at once: that is how it behaves
        }
        return new Fingerprint(text(losses), text(norms), text(List.of(after)), Hash.of(rates(config.schedule())));
    }

    private static Batch batch(RunConfig config, Task task, long position) {
        return task.training(ROWS, config.seed()).batch(position);
    }

    private static String rates(Schedule schedule) {
        return text(IntStream.range(0, POINTS)
                .mapToObj(i -> schedule.rate((int) ((long) i * schedule.steps() / POINTS)))
                .toList());
    }

    private static String text(List<Double> numbers) {
        return numbers.stream().map(x -> String.format(Locale.ROOT, "%.7e", x)).collect(Collectors.joining(" "));
    }

    /** What differs, for a person; empty if nothing does. */
    public String differences(Fingerprint now) {
        List<String> differences = new ArrayList<>();
        compare(differences, "losses of three steps", losses, now.losses);
        compare(differences, "gradient norms", norms, now.norms);
        compare(differences, "loss after them", after, now.after);
        compare(differences, "learning rates (hash)", rates, now.rates);
        return String.join("; ", differences);
    }

    private static void compare(List<String> differences, String what, String was, String is) {
        if (!was.equals(is)) {
            differences.add(what + ": was " + was + ", is " + is);
        }
    }
}
