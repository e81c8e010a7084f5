package org.deepdelta.residual;

import org.deepdelta.nn.Init;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** One sublayer's rewrite with its gate and value branches (Sec. 3 of the paper). */
public final class DeltaBranches {
    private static final double GATE_MARGIN = 1e-6;

    private final DeltaConfig config;
    private final Parameter gateInner;
    private final Parameter gateInnerBias;
    private final Parameter gateWeight;
    private final Parameter gateBias;
    private final Parameter valueWeight;
    private final Parameter valueBias;

    /**
     * Declares both branches under the authors' names, such as {@code prefix + "beta.weight"}.
     *
     * @param dv value channels
     * @param std of every matrix at the start
     */
    public DeltaBranches(Parameters p, String prefix, DeltaConfig config, int width, int dv, double std) {
        this.config = config;
        DeltaConfig.Gate gate = config.gate();
        boolean deep = gate.hidden() > 0;
        double q = Math.min(1 - GATE_MARGIN, Math.max(GATE_MARGIN, gate.start() / 2));
        Init logit = Init.constant(StrictMath.log(q / (1 - q)));
        String last = deep ? "beta_out" : "beta";
        gateInner = deep ? p.declare(prefix + "beta_in.weight", Init.normal(std), gate.hidden(), width) : null;
        gateInnerBias =
                deep && gate.innerBias() ? p.declare(prefix + "beta_in.bias", Init.constant(0), gate.hidden()) : null;
        gateWeight = p.declare(prefix + last + ".weight", Init.normal(std), 1, deep ? gate.hidden() : width);
        gateBias = p.declare(prefix + last + ".bias", logit, 1);
        valueWeight = p.declare(prefix + "v_proj.weight", Init.normal(std), dv, width);
        valueBias = config.value().bias()
                ? p.declare(prefix + "v_proj.bias", Init.uniform(1 / Math.sqrt(width)), dv)
                : null;
    }

    /** X' = X + beta k (v' - k'X), Eq. (2.2), with k from h. */
    public Tensor rewrite(Tape t, int s, Read r, Tensor h) {
        Tensor beta = t.watch("sub." + s + ".beta", gate(t, r));
        Tensor v = t.watch("sub." + s + ".v", value(t, r));
        if (t.isWatching()) {
            t.watch("sub." + s + ".k", direction(t, h));
        }
        return Delta.rewrite(t, r.state(), h, v, beta, config.eps());
    }

    /** beta = 2 sigmoid(g(c)), {@code [B, T, 1]}. */
    private Tensor gate(Tape t, Read r) {
        Tensor c = r.c();
        if (gateInner != null) {
            c = t.tanh(Linear.apply(t, c, gateInner.value(), value(gateInnerBias)));
        }
        return t.scale(t.sigmoid(Linear.apply(t, c, gateWeight.value(), gateBias.value())), 2);
    }

    /** v = scale sigmoid(W s + b), or without the sigmoid, {@code [B, T, dv]}. */
    private Tensor value(Tape t, Read r) {
        DeltaConfig.Value value = config.value();
        Tensor source = value.fromContext() ? r.c() : r.x();
        if (value.constant() != null) {
            Shape shape = source.shape().withLast(valueWeight.shape().axis(0));
            return t.constant(source.type(), shape, value.constant());
        }
        Tensor v = Linear.apply(t, source, valueWeight.value(), value(valueBias));
        return value.scale() == 0 ? v : t.scale(t.sigmoid(v), value.scale());
    }

    /** k = h / sqrt(|h|^2 + eps^2), on its own for whoever watches. */
    private Tensor direction(Tape t, Tensor h) {
        Tensor squared = t.shift(t.sum(t.multiply(h, h), -1), config.eps() * config.eps());
        return t.multiply(h, t.power(squared, -0.5));
    }

    private static Tensor value(Parameter parameter) {
        return parameter == null ? null : parameter.value();
    }
}
