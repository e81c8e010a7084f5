package org.deepdelta.model;

/**
 * The sizes of a {@link DeltaNetwork} and its residual rule.
 *
 * @param features numbers an example
 * @param levels features are 0 to {@code levels} - 1
 * @param classes to tell apart
 * @param depth L, blocks
 * @param d rows of the state
 * @param dv columns of the state; 1 for a vector
 * @param width m, inner width of each generator of a delta block
 * @param rule what a block does to the state
 * @param eps guard of the direction: k = k~ / sqrt(|k~|^2 + eps^2)
 * @param gateStart the gate that a zero input gives at the start, in [0, 2]
 * @param gate one gate for all blocks and inputs, in [0, 2], in place of the gate's generators; null for learned ones
 */
public record DeltaNetworkConfig(
        int features,
        int levels,
        int classes,
        int depth,
        int d,
        int dv,
        int width,
        Rule rule,
        double eps,
        double gateStart,
        Double gate) {

    /** What a block does to the state X. */
    public enum Rule {
        /** X' = X + beta k (v' - k'X), Eq. (2.2). */
        DELTA,
        /** X' = X + beta k v': the same generators, and nothing is erased. */
        WRITE,
        /** X' = X + F(X), F a generator of d dv outputs, as wide as gives a delta block's number of parameters. */
        ADDITIVE
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the value that is out of range and what is allowed
     */
    public DeltaNetworkConfig {
        positive("features", features);
        positive("levels", levels);
        positive("classes", classes);
        positive("depth", depth);
        positive("d", d);
        positive("dv", dv);
        positive("width", width);
        require("eps", eps, eps >= 0 && eps < Double.POSITIVE_INFINITY, ">= 0");
        require("gateStart", gateStart, gateStart >= 0 && gateStart <= 2, "in [0, 2]");
        if (gate != null) {
            require("gate", gate, gate >= 0 && gate <= 2, "in [0, 2]");
        }
        if (rule == null || (rule == Rule.ADDITIVE && gate != null)) {
            throw new IllegalArgumentException(
                    "network: rule: expected DELTA, WRITE or, without a gate, ADDITIVE, got " + rule);
        }
    }

    /** A delta network of these sizes with learned gates that start at 1, and eps 1e-5. */
    public static DeltaNetworkConfig of(int features, int levels, int classes, int depth, int d, int dv, int width) {
        return new DeltaNetworkConfig(features, levels, classes, depth, d, dv, width, Rule.DELTA, 1e-5, 1, null);
    }

    /** The same with another rule. */
    public DeltaNetworkConfig with(Rule other) {
        return new DeltaNetworkConfig(features, levels, classes, depth, d, dv, width, other, eps, gateStart, gate);
    }

    /** The same with one fixed gate. */
    public DeltaNetworkConfig withGate(double fixed) {
        return new DeltaNetworkConfig(features, levels, classes, depth, d, dv, width, rule, eps, gateStart, fixed);
    }

    /** Inner width of F: the one whose number of parameters is nearest to that of a delta block's generators, gate included. */
    public int additiveWidth() {
        long generators = branch(width, d) + branch(width, dv) + branch(width, 1);
        long size = (long) d * dv;
        return (int) Math.max(1, Math.round((generators - size) / (double) (d + 1 + size)));
    }

    /** Trained numbers of a generator: two matrices and two biases. */
    private long branch(int inner, int outputs) {
        return inner * (d + 1L) + outputs * (inner + 1L);
    }

    /** Trained numbers of the whole network. */
    public long parameters() {
        long size = (long) d * dv;
        long read = dv > 1 ? dv : 0;
        long generators = rule == Rule.ADDITIVE
                ? additiveWidth() * (d + 1L) + size * (additiveWidth() + 1L)
                : branch(width, d) + branch(width, dv) + (gate == null ? branch(width, 1) : 0);
        return size * (features + 1L) + depth * (read + d + generators) + size + classes * (size + 1L);
    }

    private static void positive(String name, int value) {
        require(name, value, value > 0, "> 0");
    }

    private static void require(String name, double value, boolean holds, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException("network: " + name + ": expected " + allowed + ", got " + value);
        }
    }
}
