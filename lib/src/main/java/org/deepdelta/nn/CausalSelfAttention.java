package org.deepdelta.nn;

import org.deepdelta.nn.Parameter.Part;
import org.deepdelta.ops.attention.Attention;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.ops.rotary.Rotary;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Causal multi-head attention, without biases: [q | k | v] = c W', then in this order shift (k, v), activation, rotary positions and
 * query-key normalisation (q, k); attend; on every head's output norm and gate; project back to width d. Everything but the rotation can
 * be left out, and is by default except for the query-key norm.
 *
 * <pre>
 *   shift   o_t becomes a_t o_(t-1) + (1 - a_t) o_t, a = sigmoid(W c) one number a head, o_(-1) = 0
 *   norm    y becomes w y / sqrt(mean(y^2) + eps), one weight for all heads
 *   gate    y becomes silu(W c) y, which is normalised before if it is not already
 * </pre>
 *
 * <p>On a generating tape, positions continue where the past ends, and keys (shifted, activated, rotated, normalised) and values are kept,
 * so that a step costs its own tokens only. The authors' code leaves out the shift in steps of one token; here a text has the same numbers
 * in whatever steps it is computed.
 */
public final class CausalSelfAttention implements Sublayer {

    /**
     * The sizes and options of an attention layer.
     *
     * @param width d
     * @param heads H
     * @param headWidth h; H h need not be d
     * @param ropeBase base of the rotary angles
     * @param ropeRatio part of a head that is rotated, in [0, 1]
     * @param qkNorm whether queries and keys are normalised after rotation
     * @param inputs what is done to queries, keys and values before the rotation
     * @param outputs what is done to the heads' outputs
     */
    public record Config(
            int width,
            int heads,
            int headWidth,
            double ropeBase,
            double ropeRatio,
            boolean qkNorm,
            Inputs inputs,
            Outputs outputs) {

        /** Checks the ranges. */
        public Config {
            require("width", width, width > 0, "> 0");
            require("heads", heads, heads > 0, "> 0");
            require("headWidth", headWidth, headWidth > 0, "> 0");
            require("ropeBase", ropeBase, ropeBase > 0 && Double.isFinite(ropeBase), "> 0 and finite");
            require("ropeRatio", ropeRatio, ropeRatio >= 0 && ropeRatio <= 1, "0 to 1");
        }

        /** Without the options. */
        public Config(int width, int heads, int headWidth, double ropeBase, double ropeRatio, boolean qkNorm) {
            this(width, heads, headWidth, ropeBase, ropeRatio, qkNorm, Inputs.PLAIN, Outputs.PLAIN);
        }
    }

    /**
     * What is done to queries, keys and values before the rotation.
     *
     * @param query activation of q
     * @param key activation of k
     * @param value activation of v
     * @param keyShift whether keys are mixed with the previous token's, before the activation
     * @param valueShift the same for values
     */
    public record Inputs(Activation query, Activation key, Activation value, boolean keyShift, boolean valueShift) {
        /** Nothing. */
        public static final Inputs PLAIN =
                new Inputs(Activation.IDENTITY, Activation.IDENTITY, Activation.IDENTITY, false, false);
    }

    /**
     * What is done to the heads' outputs before the last product.
     *
     * @param norm whether each is normalised (subln)
     * @param gate whether each is gated, after the norm or, without it, a norm of the gate's own (o_norm)
     * @param gateNormEps eps of the gate's own norm
     */
    public record Outputs(boolean norm, boolean gate, double gateNormEps) {
        /** Nothing. */
        public static final Outputs PLAIN = new Outputs(false, false, EPS);

        /** Checks the range. */
        public Outputs {
            require("gateNormEps", gateNormEps, gateNormEps >= 0 && Double.isFinite(gateNormEps), ">= 0 and finite");
        }
    }

    private static final double EPS = 1e-5;

    private final Config config;
    private final String prefix;
    private final Parameter qkv;
    private final Parameter out;
    private final RmsNorm queryNorm;
    private final RmsNorm keyNorm;
    private final Parameter keyShift;
    private final Parameter valueShift;
    private final RmsNorm outputNorm;
    private final Parameter outputGate;

    /**
     * Declares the layer's parameters under the authors' names, such as {@code prefix + "c_q.weight"}.
     *
     * @param std of every matrix at the start but the last one
     * @param outStd of the last
     */
    public CausalSelfAttention(Parameters p, String prefix, Config config, double std, double outStd) {
        this.config = config;
        this.prefix = prefix;
        int h = config.headWidth();
        Inputs inputs = config.inputs();
        Outputs outputs = config.outputs();
        Init init = Init.normal(std);
        Shape shape = Shape.of((long) config.heads() * h, config.width());
        qkv = p.join(
                new Part(prefix + "c_q.weight", shape, init),
                new Part(prefix + (inputs.keyShift() ? "c_k.linear.weight" : "c_k.weight"), shape, init),
                new Part(prefix + (inputs.valueShift() ? "c_v.linear.weight" : "c_v.weight"), shape, init));
        out = p.declare(prefix + "c_proj.weight", Init.normal(outStd), shape.axis(1), shape.axis(0));
        queryNorm = config.qkNorm() ? RmsNorm.declare(p, prefix + "q_rms", h, EPS) : null;
        keyNorm = config.qkNorm() ? RmsNorm.declare(p, prefix + "k_rms", h, EPS) : null;
        keyShift = inputs.keyShift()
                ? p.declare(prefix + "c_k.shift_proj.weight", init, config.heads(), config.width())
                : null;
        valueShift = inputs.valueShift()
                ? p.declare(prefix + "c_v.shift_proj.weight", init, config.heads(), config.width())
                : null;
        if (outputs.norm()) {
            outputNorm = RmsNorm.declare(p, prefix + "subln", h, EPS);
        } else {
            outputNorm = outputs.gate() ? RmsNorm.declare(p, prefix + "o_norm", h, outputs.gateNormEps()) : null;
        }
        outputGate = outputs.gate() ? p.declare(prefix + "g_proj.weight", init, shape.axis(0), shape.axis(1)) : null;
    }

    @Override
    public Tensor apply(Tape t, Tensor c) {
        int heads = config.heads();
        Tensor joined = inputs(t, c, heads(t, Linear.apply(t, c, qkv.value()), 3 * heads));
        int position = Math.toIntExact(t.position());
        Tensor rotated = new Rotary(heads, heads, config.ropeBase(), config.ropeRatio(), position, EPS)
                .apply(t, joined, weight(queryNorm), weight(keyNorm));
        Tensor y = outputs(t, c, t.isGenerating() ? attendToPast(t, rotated) : Attention.apply(t, rotated, heads));
        long width = (long) heads * config.headWidth();
        return Linear.apply(t, t.reshape(y, c.shape().axis(0), c.shape().axis(1), width), out.value());
    }

    /** The keys and values of this step are kept behind those of the steps before it. */
    private Tensor attendToPast(Tape t, Tensor rotated) {
        int heads = config.heads();
        Tensor q = t.slice(rotated, 2, 0, heads);
        Tensor kv = t.watch(prefix + "kv", t.grow(t.slice(rotated, 2, heads, 3L * heads))); // [B, S, 2H, h]
        return Attention.apply(t, q, kv, heads);
    }

    /** Shift and activation of the joined product [q | k | v]. */
    private Tensor inputs(Tape t, Tensor c, Tensor joined) {
        Inputs inputs = config.inputs();
        if (inputs.equals(Inputs.PLAIN)) {
            return joined;
        }
        long heads = config.heads();
        Tensor q = t.slice(joined, 2, 0, heads);
        Tensor k = shift(t, c, t.slice(joined, 2, heads, 2 * heads), keyShift);
        Tensor v = shift(t, c, t.slice(joined, 2, 2 * heads, 3 * heads), valueShift);
        return t.concat(
                2,
                inputs.query().apply(t, q),
                inputs.key().apply(t, k),
                inputs.value().apply(t, v));
    }

    /** o_t + a_t (o_(t-1) - o_t), which is a_t o_(t-1) + (1 - a_t) o_t. */
    private Tensor shift(Tape t, Tensor c, Tensor o, Parameter projection) {
        if (projection == null) {
            return o;
        }
        Tensor logits = Linear.apply(t, c, projection.value());
        Tensor a = t.reshape(t.sigmoid(logits), c.shape().axis(0), c.shape().axis(1), config.heads(), 1);
        Tensor before = t.causal(o, 1, x -> previous(t, x));
        return t.add(o, t.multiply(a, t.subtract(before, o)));
    }

    /** Every row's predecessor along axis 1, zeros for the first. */
    private static Tensor previous(Tape t, Tensor x) {
        long[] sizes = x.shape().toArray();
        long length = sizes[1];
        sizes[1] = 1;
        Tensor zeros = t.constant(x.type(), Shape.of(sizes), 0);
        return t.slice(t.concat(1, zeros, x), 1, 0, length);
    }

    /** Norm and gate of the heads' outputs {@code [B, T, H, h]}. */
    private Tensor outputs(Tape t, Tensor c, Tensor y) {
        Tensor normed = outputNorm == null ? y : outputNorm.apply(t, y);
        if (outputGate == null) {
            return normed;
        }
        Tensor gate = Activation.SILU.apply(t, Linear.apply(t, c, outputGate.value()));
        return t.multiply(normed, heads(t, gate, config.heads()));
    }

    /** {@code [B, T, count h]} as {@code [B, T, count, h]}. */
    private Tensor heads(Tape t, Tensor x, long count) {
        return t.reshape(x, x.shape().axis(0), x.shape().axis(1), count, config.headWidth());
    }

    private static Tensor weight(RmsNorm norm) {
        return norm == null ? null : norm.weight().value();
    }

    private static void require(String key, Object value, boolean fits, String allowed) {
        if (!fits) {
            throw new IllegalArgumentException("attention: " + key + " = " + value + ": expected " + allowed);
        }
    }
}
