package org.deepdelta.experiment.gpu;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;

/**
 * What is tried.
 *
 * @param parts which parts
 * @param cases the cases of operations and the families of rules whose whole name matches
 * @param parity folder of the authors' values; used by {@link Part#PARITY} alone
 * @param trainSteps length of the training run
 * @param step the training step that is timed
 * @param state the operations that are timed alone
 */
public record Plan(Set<Part> parts, Pattern cases, Path parity, int trainSteps, Step step, State state) {

    boolean chosen(String name) {
        return cases.matcher(name).matches();
    }

    List<String> families() {
        return Models.FAMILIES.stream().filter(this::chosen).toList();
    }

    /** The parts of a trial. */
    public enum Part {
        /** Every operation against its reference. */
        OPERATIONS,
        /** A small model of every family of rules against the references. */
        MODELS,
        /** The authors' values. */
        PARITY,
        /** The same seed twice. */
        DETERMINISM,
        /** A training run beside the CPU's losses. */
        TRAINING,
        /** Operations on the state beside a copy. */
        BANDWIDTH,
        /** Speed and memory of a training step. */
        BENCH
    }

    /**
     * A training step to be timed.
     *
     * @param rules each a line for {@link ResidualStream#of}
     * @param sizes V, L, H, d
     * @param length T
     * @param rows B
     * @param precision what it computes in
     * @param warmup steps before
     * @param steps steps timed
     * @param peak of the GPU in operations a second, for utilisation; 0 where it is not known
     */
    public record Step(
            List<String> rules,
            GptConfig sizes,
            int length,
            int rows,
            Precision precision,
            int warmup,
            int steps,
            double peak) {

        Models models() {
            return new Models(sizes, length, rows);
        }
    }

    /**
     * Operations to be timed alone, on a state of B, T and d as in the step.
     *
     * @param dv value channels
     * @param copied bytes of the copy that they are compared with
     * @param product n of the matrix product that is timed
     * @param repeats how often each
     */
    public record State(int dv, long copied, int product, int repeats) {}
}
