package org.deepdelta.nn;

import org.deepdelta.nn.Parameter.Part;
import org.deepdelta.ops.attention.Attention;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.ops.rotary.Rotary;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Causal multi-head attention with rotary positions and query-key normalisation, without biases: [q | k | v] = c W', rotate and normalise,
 * attend, project back to width d.
 */
public final class CausalSelfAttention implements Sublayer {

    /**
     * The sizes and options of an attention layer.
     *
     * @param width d
     * @param heads H
     * @param headWidth h; H h need not be d
     * @param ropeBase base of the rotary angles
     * @param ropeRatio part of a head that is rotated
     * @param qkNorm whether queries and keys are normalised after rotation
     */
    public record Config(int width, int heads, int headWidth, double ropeBase, double ropeRatio, boolean qkNorm) {}

    private static final double EPS = 1e-5;

    private final Config config;
    private final Parameter qkv;
    private final Parameter out;
    private final RmsNorm queryNorm;
    private final RmsNorm keyNorm;

    /** Declares the layer's parameters under the authors' names, such as {@code prefix + "c_q.weight"}. */
    public CausalSelfAttention(Parameters p, String prefix, Config config, double std, double outStd) {
        this.config = config;
        Shape shape = Shape.of((long) config.heads() * config.headWidth(), config.width());
        this.qkv = p.join(
                new Part(prefix + "c_q.weight", shape, Init.normal(std)),
                new Part(prefix + "c_k.weight", shape, Init.normal(std)),
                new Part(prefix + "c_v.weight", shape, Init.normal(std)));
        this.out = p.declare(prefix + "c_proj.weight", Init.normal(outStd), shape.axis(1), shape.axis(0));
        this.queryNorm = config.qkNorm() ? RmsNorm.declare(p, prefix + "q_rms", config.headWidth(), EPS) : null;
        this.keyNorm = config.qkNorm() ? RmsNorm.declare(p, prefix + "k_rms", config.headWidth(), EPS) : null;
    }

    @Override
    public Tensor apply(Tape t, Tensor c) {
        long batch = c.shape().axis(0);
        long length = c.shape().axis(1);
        int heads = config.heads();
        Tensor joined = t.reshape(Linear.apply(t, c, qkv.value()), batch, length, 3L * heads, config.headWidth());
        Tensor rotated = new Rotary(heads, heads, config.ropeBase(), config.ropeRatio(), 0, EPS)
                .apply(t, joined, weight(queryNorm), weight(keyNorm));
        Tensor y = Attention.apply(t, rotated, heads);
        return Linear.apply(t, t.reshape(y, batch, length, (long) heads * config.headWidth()), out.value());
    }

    private static Tensor weight(RmsNorm norm) {
        return norm == null ? null : norm.weight().value();
    }
}
