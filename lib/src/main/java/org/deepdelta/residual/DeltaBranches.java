package org.deepdelta.residual;

import java.util.Arrays;
import org.deepdelta.nn.Init;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.nn.RmsNorm;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.ops.step.RewriteStep;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** One sublayer's rewrite with its gate and value branches (Sec. 3 of the paper). */
public final class DeltaBranches {
    private final DeltaConfig config;
    private final double eps;
    private final GateBranch write;
    private final GateBranch erase;
    private final Parameter valueWeight;
    private final Parameter valueBias;

    /**
     * Declares the branches under the authors' names, such as {@code prefix + "beta.weight"}; an erase gate of its own, which they do not
     * have, under {@code prefix + "erase.weight"}.
     *
     * @param dv value channels
     * @param std of every matrix at the start
     */
    public DeltaBranches(Parameters p, String prefix, DeltaConfig config, int width, int dv, double std) {
        this.config = config;
        eps = config.guard(width);
        write = new GateBranch(p, prefix + "beta", config.gate(), width, std);
        erase = config.gates() == Delta.Gates.SEPARATE
                ? new GateBranch(p, prefix + "erase", config.gate(), width, std)
                : null;
        valueWeight = p.declare(prefix + "v_proj.weight", Init.normal(std), dv, width);
        valueBias = config.value().bias()
                ? p.declare(prefix + "v_proj.bias", Init.uniform(1 / Math.sqrt(width)), dv)
                : null;
    }

    /** What a rewrite takes beside state and direction. */
    private record Inputs(Tensor v, Tensor[] gates) {}

    /** X' = X + beta k (v' - k'X), Eq. (2.2), with k from h; with separate gates X + k (w v' - b k'X), and X + w k v' write-only. The direction is h as it is where it is not to have length 1. */
    public Tensor rewrite(Tape t, int s, Read r, Tensor h) {
        Inputs in = inputs(t, s, r, h);
        return new Delta(eps, config.gates()).apply(t, r.state(), h, in.v(), in.gates());
    }

    /**
     * Rewrites, compresses and normalises in one operation.
     *
     * @param compressor weights {@code [K, dv, d]}; null for a vector state
     */
    Read step(Tape t, int s, Read r, Tensor h, Tensor compressor, RmsNorm norm) {
        Inputs in = inputs(t, s, r, h);
        RewriteStep step = new RewriteStep(eps, config.gates(), norm.eps());
        Tensor scale = norm.weight().value();
        if (compressor == null) {
            Tensor[] out = step.apply(t, r.state(), h, in.v(), in.gates(), scale);
            return new Read(out[0], out[0], out[1]);
        }
        Tensor[] out = step.apply(t, r.state(), h, in.v(), in.gates(), compressor, scale);
        return new Read(out[0], out[1], out[2]);
    }

    /** Computes value and gates, and shows them to whoever watches. */
    private Inputs inputs(Tape t, int s, Read r, Tensor h) {
        Tensor w = t.watch("sub." + s + ".beta", write.apply(t, r.c()));
        Tensor b = erase == null ? null : t.watch("sub." + s + ".erase", erase.apply(t, r.c()));
        Tensor v = t.watch("sub." + s + ".v", value(t, r));
        if (t.isWatching()) {
            t.watch("sub." + s + ".k", direction(t, h));
        }
        Tensor[] gates = b == null ? new Tensor[] {w} : new Tensor[] {b, w};
        return config.unit() ? new Inputs(v, gates) : unnormalised(t, h, v, gates);
    }

    /** With k~ = n k: beta k~ (v' - k~'X) = beta n^2 k (v' / n - k'X), so that the same operation rewrites along k~ as it is. */
    private Inputs unnormalised(Tape t, Tensor h, Tensor v, Tensor[] gates) {
        Tensor squared = squared(t, h);
        Tensor[] scaled = new Tensor[gates.length];
        Arrays.setAll(scaled, i -> t.multiply(gates[i], squared));
        return new Inputs(t.multiply(v, t.power(squared, -0.5)), scaled);
    }

    /** FLOPs a token, forward: the branches' products and the rewrite. */
    double flops() {
        double linear = write.flops() + (erase == null ? 0 : erase.flops());
        double value = config.value().constant() != null
                ? 0
                : 2.0 * valueWeight.shape().size();
        double read = config.gates() == Delta.Gates.WRITE_ONLY
                ? 0
                : 2.0 * valueWeight.shape().size(); // k'X
        return linear + value + read + 2.0 * valueWeight.shape().size(); // and the rank-one update
    }

    /** v = scale sigmoid(W s + b), or without the sigmoid, {@code [B, T, dv]}. */
    private Tensor value(Tape t, Read r) {
        DeltaConfig.Value value = config.value();
        Tensor source = value.fromContext() ? r.c() : r.x();
        if (value.constant() != null) {
            Shape shape = source.shape().withLast(valueWeight.shape().axis(0));
            return t.constant(source.type(), shape, value.constant());
        }
        Tensor v = Linear.apply(t, source, valueWeight.value(), valueBias == null ? null : valueBias.value());
        return value.scale() == 0 ? v : t.scale(t.sigmoid(v), value.scale());
    }

    /** k = h / sqrt(|h|^2 + eps^2), or h, on its own for whoever watches. */
    private Tensor direction(Tape t, Tensor h) {
        return config.unit() ? t.multiply(h, t.power(squared(t, h), -0.5)) : h;
    }

    /** n^2 = |h|^2 + eps^2, {@code [B, T, 1]}. */
    private Tensor squared(Tape t, Tensor h) {
        return t.shift(t.sum(t.multiply(h, h), -1), eps * eps);
    }
}
