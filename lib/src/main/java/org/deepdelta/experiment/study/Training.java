package org.deepdelta.experiment.study;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.deepdelta.model.Flops;
import org.deepdelta.model.Gpt;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.RunLog;
import org.deepdelta.train.Trainer;

/** One run, from its last checkpoint to its scores. */
final class Training {
    private static final int CHECKPOINTS = 10;

    private final Run run;
    private final Task task;
    private final Path folder;
    private final Device device = Device.cpu();
    private volatile boolean stopping;
    private volatile Trainer trainer;

    Training(Run run, Task task, Path folder) {
        this.run = run;
        this.task = task;
        this.folder = folder;
    }

    void stop() {
        stopping = true;
        Trainer now = trainer;
        if (now != null) {
            now.stop();
        }
    }

    /**
     * Trains and scores.
     *
     * @return null if it was stopped
     */
    RunResult result(Fingerprint fingerprint, String commit, Consumer<RunLog.Row> listener) {
        RunConfig config = run.config();
        Gpt gpt = config.model(task, device, DType.F32);
        int saveEvery = Math.max(1, config.steps() / CHECKPOINTS);
        RunLog log = null;
        String failure = null;
        Map<String, Double> scores = Map.of();
        try (Trainer opened = Trainer.of(
                        gpt, device, config.training(task, saveEvery), task.training(config.rows(), config.seed()))
                .losses(position -> task.loss(gpt, config.seed(), position))
                .describing("task", task.describe())
                .in(folder)
                .resuming()
                .listening((row, steps, left) -> {
                    listener.accept(row);
                    if (stopping) {
                        trainer.stop();
                    }
                })) {
            trainer = opened;
            log = opened.run();
            scores = task.scores(gpt, device, config.tokens(task));
        } catch (Trainer.Stopped e) {
            return null;
        } catch (ArithmeticException e) {
            failure = e.getMessage();
        }
        List<RunLog.Row> rows = log == null ? List.of() : log.rows();
        Flops flops = Flops.of(gpt, device, task.length());
        double seconds = rows.stream().mapToDouble(RunLog.Row::ms).sum() / 1000;
        return new RunResult(
                run,
                config.hash(),
                task.digest(),
                fingerprint,
                scores,
                RunResult.curve(rows),
                config.tokens(task),
                flops.training() + (task.rounds() - 1) * (flops.training() - 3 * flops.classifier()),
                gpt.parameters().count(),
                failure,
                Provenance.now(commit, device, seconds));
    }
}
