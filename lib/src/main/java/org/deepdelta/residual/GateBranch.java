package org.deepdelta.residual;

import org.deepdelta.nn.Init;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** beta = 2 sigmoid(g(c)), {@code [B, T, 1]}: g one linear layer, or two with a tanh between (App. A of the paper); or a fixed beta. */
final class GateBranch {
    private static final double MARGIN = 1e-6;

    private final DeltaConfig.Gate gate;
    private final Parameter inner;
    private final Parameter innerBias;
    private final Parameter weight;
    private final Parameter bias;

    /** Declares it under {@code name + ".weight"}, or {@code name + "_in.weight"} and {@code name + "_out.weight"}. */
    GateBranch(Parameters p, String name, DeltaConfig.Gate gate, int width, double std) {
        this.gate = gate;
        boolean deep = gate.hidden() > 0;
        double q = Math.min(1 - MARGIN, Math.max(MARGIN, gate.start() / gate.range()));
        String last = deep ? name + "_out" : name;
        inner = deep ? p.declare(name + "_in.weight", Init.normal(std), gate.hidden(), width) : null;
        innerBias = deep && gate.innerBias() ? p.declare(name + "_in.bias", Init.constant(0), gate.hidden()) : null;
        weight = p.declare(last + ".weight", Init.normal(std), 1, deep ? gate.hidden() : width);
        bias = p.declare(last + ".bias", Init.constant(StrictMath.log(q / (1 - q))), 1);
    }

    Tensor apply(Tape t, Tensor c) {
        if (gate.fixed() != null) {
            return t.constant(c.type(), c.shape().withLast(1), gate.fixed());
        }
        Tensor hidden = inner == null
                ? c
                : t.tanh(Linear.apply(t, c, inner.value(), innerBias == null ? null : innerBias.value()));
        return t.scale(t.sigmoid(Linear.apply(t, hidden, weight.value(), bias.value())), gate.range());
    }

    double flops() {
        return gate.fixed() != null
                ? 0
                : 2.0
                        * (weight.shape().size()
                                + (inner == null ? 0 : inner.shape().size()));
    }
}
