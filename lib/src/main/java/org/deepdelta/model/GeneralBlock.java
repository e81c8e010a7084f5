package org.deepdelta.model;

import org.deepdelta.model.DeltaNetworkConfig.Rule;
import org.deepdelta.nn.Init;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.nn.RmsNorm;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * One block of a {@link DeltaNetwork}: direction, value and gate are functions of the state alone (Sec. 2.1). The paper leaves their form
 * open; ours is at {@link DeltaNetwork}.
 */
final class GeneralBlock {
    private static final double NORM_EPS = 1e-5;
    private static final double GATE_MARGIN = 1e-6;

    private final DeltaNetworkConfig config;
    private final String name;
    private final Parameter read;
    private final RmsNorm norm;
    private final Generator direction;
    private final Generator value;
    private final Generator gate;
    private final Generator addition;

    GeneralBlock(Parameters p, int l, DeltaNetworkConfig config) {
        this.config = config;
        name = "block." + l + ".";
        read = config.dv() == 1 ? null : p.declare(name + "read", Init.constant(1.0 / config.dv()), config.dv());
        norm = RmsNorm.declare(p, name + "norm", config.d(), NORM_EPS);
        int m = config.width();
        if (config.rule() == Rule.ADDITIVE) {
            direction = value = gate = null;
            int size = config.d() * config.dv();
            double shrink = 1 / Math.sqrt(config.depth());
            addition = new Generator(p, name + "f.", config.d(), config.additiveWidth(), size, shrink, 0);
            return;
        }
        double q = Math.min(1 - GATE_MARGIN, Math.max(GATE_MARGIN, config.gateStart() / 2));
        direction = new Generator(p, name + "k.", config.d(), m, config.d(), 1, 0);
        value = new Generator(p, name + "v.", config.d(), m, config.dv(), 1, 0);
        gate = config.gate() == null
                ? new Generator(p, name + "beta.", config.d(), m, 1, 1, StrictMath.log(q / (1 - q)))
                : null;
        addition = null;
    }

    /** The next state, X and result {@code [B, 1, d, dv]}. */
    Tensor apply(Tape t, Tensor X) {
        Tensor c = norm.apply(t, pool(t, X));
        if (config.rule() == Rule.ADDITIVE) {
            return t.add(X, t.reshape(addition.apply(t, c), X.shape().toArray()));
        }
        Tensor direct = direction.apply(t, c);
        Tensor v = t.watch(name + "v", value.apply(t, c));
        Tensor beta = t.watch(name + "beta", gate(t, c));
        if (t.isWatching()) {
            t.watch(name + "k", unit(t, direct));
        }
        Delta.Gates gates = config.rule() == Rule.WRITE ? Delta.Gates.WRITE_ONLY : Delta.Gates.SHARED;
        return new Delta(config.eps(), gates).apply(t, X, direct, v, beta);
    }

    /** X r, the columns of the state weighted by a trained vector that starts at their mean; {@code [B, 1, d]}. */
    private Tensor pool(Tape t, Tensor X) {
        Tensor pooled = read == null ? X : t.sum(t.multiply(X, read.value()), -1);
        return t.reshape(pooled, X.shape().axis(0), 1, config.d());
    }

    /** beta = 2 sigmoid(g(c)), {@code [B, 1, 1]}. */
    private Tensor gate(Tape t, Tensor c) {
        return gate == null
                ? t.constant(c.type(), c.shape().withLast(1), config.gate())
                : t.scale(t.sigmoid(gate.apply(t, c)), 2);
    }

    /** k = k~ / sqrt(|k~|^2 + eps^2), on its own for whoever watches. */
    private Tensor unit(Tape t, Tensor direct) {
        Tensor squared = t.shift(t.sum(t.multiply(direct, direct), -1), config.eps() * config.eps());
        return t.multiply(direct, t.power(squared, -0.5));
    }

    /** W2 tanh(W1 c + b1) + b2. */
    private record Generator(Parameter in, Parameter inBias, Parameter out, Parameter outBias) {

        Generator(Parameters p, String name, int inputs, int inner, int outputs, double shrink, double start) {
            this(
                    p.declare(name + "in.weight", Init.normal(1 / Math.sqrt(inputs)), inner, inputs),
                    p.declare(name + "in.bias", Init.constant(0), inner),
                    p.declare(name + "out.weight", Init.normal(shrink / Math.sqrt(inner)), outputs, inner),
                    p.declare(name + "out.bias", Init.constant(start), outputs));
        }

        Tensor apply(Tape t, Tensor c) {
            Tensor inner = t.tanh(Linear.apply(t, c, in.value(), inBias.value()));
            return Linear.apply(t, inner, out.value(), outBias.value());
        }
    }
}
