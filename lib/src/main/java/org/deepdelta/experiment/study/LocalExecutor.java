package org.deepdelta.experiment.study;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.deepdelta.train.RunLog;

/** This process. */
final class LocalExecutor implements RunExecutor {
    private final int parallel;
    private final MemoryBudget memory;
    private final Function<String, Task> tasks = Study.tasks();
    private final Costs costs = new Costs(tasks);
    private final Set<Training> running = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    LocalExecutor(int parallel, long bytes) {
        this.parallel = parallel;
        memory = new MemoryBudget(bytes);
    }

    @Override
    public int parallel() {
        return parallel;
    }

    @Override
    public RunResult execute(Assignment assignment, Consumer<RunLog.Row> listener) {
        Run run = assignment.run();
        long bytes = memory.take(run, costs.of(run).bytes());
        Training training = new Training(run, tasks.apply(run.config().task()), Path.of(assignment.folder()));
        running.add(training);
        try {
            if (stopping) {
                training.stop();
            }
            return training.result(assignment.fingerprint(), assignment.commit(), listener);
        } finally {
            running.remove(training);
            memory.giveBack(bytes);
        }
    }

    @Override
    public void stop() {
        stopping = true;
        running.forEach(Training::stop);
    }

    @Override
    public void close() {}
}
