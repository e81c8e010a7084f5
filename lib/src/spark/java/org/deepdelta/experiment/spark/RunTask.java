package org.deepdelta.experiment.spark;

import java.io.Serializable;
import org.apache.spark.api.java.function.Function;
import org.bytedeco.javacpp.Pointer;
import org.deepdelta.experiment.study.Fingerprint;
import org.deepdelta.experiment.study.RunConfig;
import org.deepdelta.experiment.study.RunExecutor;
import org.deepdelta.experiment.study.RunExecutor.Assignment;
import org.deepdelta.experiment.study.RunResult;
import org.deepdelta.experiment.study.Task;

/**
 * One run in a process of Spark's. What is wrong with the run itself is an answer, so that Spark repeats only what was lost with a machine;
 * the repetition continues from the run's checkpoints where it finds them.
 */
final class RunTask implements Function<Assignment, RunTask.Answer> {
    private static final long serialVersionUID = 1;

    /** All runs of this process share its memory: as much as JavaCPP hands out, the size of the Java heap. */
    private static final RunExecutor HERE =
            RunExecutor.local(Runtime.getRuntime().availableProcessors(), Pointer.maxBytes());

    /**
     * What comes back.
     *
     * @param result null if there is none
     * @param error why; null if it was stopped
     */
    record Answer(RunResult result, String error) implements Serializable {}

    @Override
    public Answer call(Assignment assignment) {
        try {
            String differences = assignment.fingerprint().differences(here(assignment));
            if (!differences.isEmpty()) {
                return new Answer(
                        null,
                        "the code of the workers behaves otherwise than that of the study: expected one build everywhere; "
                                + differences);
            }
            return new Answer(HERE.execute(assignment, row -> {}), null);
        } catch (RuntimeException | OutOfMemoryError e) { // the last one: JavaCPP's limits
            return new Answer(null, e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    private static Fingerprint here(Assignment assignment) {
        RunConfig config = assignment.run().config();
        return Fingerprint.of(config.withSeed(0), Task.of(config.task()));
    }
}
