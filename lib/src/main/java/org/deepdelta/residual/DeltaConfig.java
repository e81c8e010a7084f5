package org.deepdelta.residual;

import java.util.Map;

/**
 * How a delta rule makes direction, gate and value. The paper and the authors' code differ; both are presets.
 *
 * @param eps guard of the direction: k = k~ / sqrt(|k~|^2 + eps^2)
 * @param gate the gate's branch
 * @param value the value's branch
 */
public record DeltaConfig(double eps, Gate gate, Value value) {

    /**
     * beta = 2 sigmoid(g(c)) with g linear, or W2 tanh(W1 c + b1) + b2.
     *
     * @param start the gate that a zero input gives, in [0, 2]
     * @param hidden inner width of a two-layer gate; 0 for a linear one
     * @param innerBias whether a two-layer gate has b1
     */
    public record Gate(double start, int hidden, boolean innerBias) {
        /** Checks the ranges. */
        public Gate {
            if (!(start >= 0 && start <= 2) || hidden < 0) {
                throw new IllegalArgumentException(
                        "gate: expected 0 <= start <= 2 and hidden >= 0, got " + start + " and " + hidden);
            }
        }
    }

    /**
     * v = W s + b with s the compressed state x or the context c; squashed to (0, scale) by scale sigmoid(.), or not.
     *
     * @param fromContext whether s is c (the paper) or x (the authors' code)
     * @param bias whether there is b
     * @param scale of the sigmoid; 0 for a linear value
     * @param constant a fixed value in place of the branch (its parameters stay, without a gradient); null for none
     */
    public record Value(boolean fromContext, boolean bias, double scale, Double constant) {}

    /** As the paper writes it: v = W_v c, linear and without bias. */
    public static DeltaConfig paper() {
        return new DeltaConfig(1e-5, new Gate(1, 0, true), new Value(true, false, 0, null));
    }

    /** As the authors' code computes it by default: v = 4 sigmoid(W_v x + b_v). */
    public static DeltaConfig reference() {
        return new DeltaConfig(1e-5, new Gate(1, 0, false), new Value(false, true, 4, null));
    }

    /**
     * The preset that a configuration names: {@code preset=reference}, also if it names none, or {@code preset=paper}.
     *
     * @param rule for the message
     * @throws IllegalArgumentException naming an option or value that there is not
     */
    static DeltaConfig named(String rule, Map<String, String> options) {
        for (String key : options.keySet()) {
            if (!key.equals("preset")) {
                throw new IllegalArgumentException(rule + ": option " + key + ": expected preset");
            }
        }
        String preset = options.getOrDefault("preset", "reference");
        return switch (preset) {
            case "reference" -> reference();
            case "paper" -> paper();
            default ->
                throw new IllegalArgumentException(
                        rule + ": preset: expected reference or paper, got \"" + preset + "\"");
        };
    }
}
