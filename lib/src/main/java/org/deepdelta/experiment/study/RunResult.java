package org.deepdelta.experiment.study;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deepdelta.train.RunLog;

/**
 * What came of a run.
 *
 * @param run what was run
 * @param hash of its configuration
 * @param data digest of the task's data
 * @param fingerprint of the code that ran it, on this configuration
 * @param scores of the trained model by name; none if it failed
 * @param curve mean training loss in nats over each of up to 20 equal stretches of the run
 * @param tokens read in training
 * @param flops of training, a token, counted as {@link org.deepdelta.model.Flops} does
 * @param parameters of the model
 * @param failure why the run has no scores, such as a loss that is no number; null if it has
 * @param provenance where it comes from
 */
public record RunResult(
        Run run,
        String hash,
        String data,
        Fingerprint fingerprint,
        Map<String, Double> scores,
        List<Float> curve,
        long tokens,
        double flops,
        long parameters,
        String failure,
        Provenance provenance)
        implements Serializable {
    private static final int POINTS = 20;

    /** Keeps the order of the scores. */
    public RunResult {
        Objects.requireNonNull(run, "run");
        Objects.requireNonNull(fingerprint, "fingerprint");
        Objects.requireNonNull(provenance, "provenance");
        scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
        curve = List.copyOf(curve);
    }

    /** Whether both have the same numbers, whenever and wherever they were computed. */
    public boolean sameNumbers(RunResult other) {
        return hash.equals(other.hash)
                && data.equals(other.data)
                && fingerprint.equals(other.fingerprint)
                && scores.equals(other.scores)
                && curve.equals(other.curve);
    }

    /**
     * A score.
     *
     * @throws IllegalArgumentException if there is none of that name, listing those that there are, or the failure
     */
    public double score(String name) {
        Double score = scores.get(name);
        if (score == null) {
            throw new IllegalArgumentException(run.describe() + ": no score " + name + ", "
                    + (failure == null ? "expected one of " + String.join(", ", scores.keySet()) : failure));
        }
        return score;
    }

    /** Thins a log. */
    static List<Float> curve(List<RunLog.Row> rows) {
        List<Float> curve = new ArrayList<>();
        int points = Math.min(POINTS, rows.size());
        for (int i = 0; i < points; i++) {
            int from = (int) ((long) i * rows.size() / points);
            int to = (int) ((long) (i + 1) * rows.size() / points);
            double sum = 0;
            for (int j = from; j < to; j++) {
                sum += rows.get(j).loss();
            }
            curve.add((float) (sum / (to - from)));
        }
        return curve;
    }
}
