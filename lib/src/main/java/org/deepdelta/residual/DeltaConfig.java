package org.deepdelta.residual;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.ops.delta.Delta;

/**
 * How a delta rule makes direction, gate and value. The paper and the authors' code differ, and their accelerated code from both: the three
 * are presets, and each switch can be set on its own.
 *
 * @param eps guard of the direction: k = k~ / sqrt(|k~|^2 + eps^2)
 * @param guardByWidth whether the guard is eps^2 d instead, as in the authors' accelerated code
 * @param unit whether the direction has length 1; otherwise k = k~, the sublayer's output as it is (an ablation: 1 - beta |k|^2 has no bound)
 * @param gates whether one gate erases and writes (DDL), each has its own, or nothing is erased (the write-only control)
 * @param gate the gates' branches
 * @param value the value's branch
 */
public record DeltaConfig(double eps, boolean guardByWidth, boolean unit, Delta.Gates gates, Gate gate, Value value) {
    private static final double MOST = 2;

    /** Checks the guard. */
    public DeltaConfig {
        if (!(eps >= 0 && eps < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("eps: expected a finite number >= 0, got " + eps);
        }
    }

    /** With a direction of length 1. */
    public DeltaConfig(double eps, boolean guardByWidth, Delta.Gates gates, Gate gate, Value value) {
        this(eps, guardByWidth, true, gates, gate, value);
    }

    /**
     * beta = range sigmoid(g(c)) with g linear, or W2 tanh(W1 c + b1) + b2.
     *
     * @param start the gate that a zero input gives, in [0, range]
     * @param hidden inner width of a two-layer gate; 0 for a linear one
     * @param innerBias whether a two-layer gate has b1
     * @param range what the gate cannot exceed: 2, or 1 for a gate that never reflects
     * @param fixed a gate in [0, 2] for all tokens in place of the branch (its parameters stay, without a gradient); null for none
     */
    public record Gate(double start, int hidden, boolean innerBias, double range, Double fixed) {
        /** Checks the ranges. */
        public Gate {
            if (!(range > 0 && range <= MOST) || !(start >= 0 && start <= range) || hidden < 0) {
                throw new IllegalArgumentException(
                        "gate: expected 0 < range <= 2, 0 <= start <= range and hidden >= 0, got " + range + ", "
                                + start + " and " + hidden);
            }
            if (fixed != null && !(fixed >= 0 && fixed <= MOST)) {
                throw new IllegalArgumentException("gate: expected a fixed beta in [0, 2], got " + fixed);
            }
        }

        /** With the paper's range (0, 2), learned. */
        public Gate(double start, int hidden, boolean innerBias) {
            this(start, hidden, innerBias, MOST, null);
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
        return new DeltaConfig(1e-5, false, Delta.Gates.SHARED, new Gate(1, 0, true), new Value(true, false, 0, null));
    }

    /** As the authors' code computes it by default: v = 4 sigmoid(W_v x + b_v). */
    public static DeltaConfig reference() {
        return new DeltaConfig(1e-5, false, Delta.Gates.SHARED, new Gate(1, 0, false), new Value(false, true, 4, null));
    }

    /** As the authors' accelerated code computes it: as {@link #reference}, with the guard eps^2 d. */
    public static DeltaConfig accelerated() {
        DeltaConfig reference = reference();
        return new DeltaConfig(reference.eps, true, reference.gates, reference.gate, reference.value);
    }

    /** This configuration with other gates: {@code WRITE_ONLY} gives the control that the paper's section 5 says is missing. */
    public DeltaConfig with(Delta.Gates other) {
        return new DeltaConfig(eps, guardByWidth, unit, other, gate, value);
    }

    /** This configuration with another gate branch. */
    public DeltaConfig with(Gate other) {
        return new DeltaConfig(eps, guardByWidth, unit, gates, other, value);
    }

    /** This configuration with another value branch. */
    public DeltaConfig with(Value other) {
        return new DeltaConfig(eps, guardByWidth, unit, gates, gate, other);
    }

    /** The guard in units of k~ for directions of that width. */
    double guard(long width) {
        return guardByWidth ? eps * Math.sqrt(width) : eps;
    }

    /** Reads {@code preset} and the switches that override it. */
    static DeltaConfig read(NamedOptions o) {
        DeltaConfig preset =
                switch (o.choice("preset", "reference", List.of("reference", "paper", "accelerated"))) {
                    case "paper" -> paper();
                    case "accelerated" -> accelerated();
                    default -> reference();
                };
        double range = o.number("range", preset.gate.range, Double.MIN_VALUE, MOST);
        return new DeltaConfig(
                o.number("eps", preset.eps, 0, Double.MAX_VALUE),
                o.choice("guard", preset.guardByWidth ? "width" : "plain", List.of("plain", "width"))
                        .equals("width"),
                o.choice("direction", preset.unit ? "unit" : "raw", List.of("unit", "raw"))
                        .equals("unit"),
                Delta.Gates.valueOf(o.choice("gates", name(preset.gates), List.of("shared", "separate", "write_only"))
                        .toUpperCase(Locale.ROOT)),
                new Gate(
                        o.number("start", preset.gate.start * range / preset.gate.range, 0, range),
                        o.integer("hidden", preset.gate.hidden, 0),
                        o.flag("inner_bias", preset.gate.innerBias),
                        range,
                        o.numberOrNone("beta", preset.gate.fixed)),
                new Value(
                        o.choice("source", preset.value.fromContext ? "c" : "x", List.of("x", "c"))
                                .equals("c"),
                        o.flag("bias", preset.value.bias),
                        o.number("squash", preset.value.scale, -Double.MAX_VALUE, Double.MAX_VALUE),
                        o.numberOrNone("constant", preset.value.constant)));
    }

    /** Writes what {@link #read} reads. */
    void write(Map<String, Object> options) {
        options.put("eps", eps);
        options.put("guard", guardByWidth ? "width" : "plain");
        if (!unit) {
            options.put("direction", "raw");
        }
        options.put("gates", name(gates));
        options.put("start", gate.start);
        options.put("hidden", gate.hidden);
        options.put("inner_bias", gate.innerBias);
        if (gate.range != MOST) {
            options.put("range", gate.range);
        }
        if (gate.fixed != null) {
            options.put("beta", gate.fixed);
        }
        options.put("source", value.fromContext ? "c" : "x");
        options.put("bias", value.bias);
        options.put("squash", value.scale);
        options.put("constant", value.constant);
    }

    private static String name(Delta.Gates gates) {
        return gates.name().toLowerCase(Locale.ROOT);
    }
}
