package org.deepdelta.model;

import org.deepdelta.nn.CausalSelfAttention;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.CountingDevice;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tape;

/**
 * Floating-point operations of a {@link Gpt} for one token of a row of T, forward: two a multiply-add of each contraction, as
 * {@link org.deepdelta.tensor.Op#flops} counts them; element-wise work (norms, activations, softmax, the sum over a batch) counts nothing.
 * The backward pass takes twice as many.
 *
 * <pre>
 *   matrices    L (2 d 3 H h + 2 H h d + 6 d m)      attention's and the MLP's products, two a parameter
 *   attention   L 4 T H h                            scores and weighted sum, as if not causal
 *   classifier  2 V d                                the tied embedding's one product; its lookup counts nothing
 *   rule        see {@link ResidualStream#flops}     expand, compress, branches, rewrite
 * </pre>
 *
 * <p>What does not grow with the tokens is left out: optimiser, and making a compressor's weights once a step. So the figure is what one
 * more row costs, divided by its tokens.
 *
 * @param matrices products with the sublayers' matrices
 * @param attention scores and weighted sums
 * @param classifier the logits
 * @param rule the residual rule
 */
public record Flops(double matrices, double attention, double classifier, double rule) {

    /**
     * Of a model of these sizes, which takes no memory unless the rule states no FLOPs of its own: then the model is placed, and the rule's
     * are counted on a run.
     *
     * @param residual a rule that no model has taken yet
     * @param length T
     */
    public static Flops of(GptConfig config, ResidualStream residual, int length) {
        Gpt gpt = new Gpt(config, residual);
        if (Double.isNaN(stated(gpt))) {
            gpt.parameters().place(Device.reference(), DType.F32);
        }
        return of(gpt, Device.reference(), length);
    }

    /**
     * Of a model.
     *
     * @param device where the model is: if its rule states no FLOPs, they are counted there on a run of three rows
     * @param length T
     * @throws IllegalArgumentException if T is not positive
     */
    public static Flops of(Gpt gpt, Device device, int length) {
        if (length < 1) {
            throw new IllegalArgumentException("flops: length: expected >= 1, got " + length);
        }
        GptConfig config = gpt.config();
        double d = config.width();
        double heads = (double) config.attention().heads() * config.attention().headWidth();
        double mlp = 6 * d * config.hidden();
        Flops rest = new Flops(
                config.layers() * (attentionMatrices(config.attention()) + mlp),
                config.layers() * 4.0 * length * heads,
                2.0 * config.vocabulary() * d,
                0);
        double rule = stated(gpt);
        if (Double.isNaN(rule)) {
            rule = counted(gpt, device, length) - rest.forward();
        }
        return new Flops(rest.matrices, rest.attention, rest.classifier, rule);
    }

    /** Everything, forward. */
    public double forward() {
        return matrices + attention + classifier + rule;
    }

    /** Everything, backward. */
    public double backward() {
        return 2 * forward();
    }

    /** A token of training: forward and backward. */
    public double training() {
        return 3 * forward();
    }

    /**
     * What a token of training takes by nanoGPT's rule, for comparison: 6 N + 12 L H h T, N all parameters with the tied embedding once. It
     * takes every parameter for a matrix that each token is multiplied with, and has no term for what a rule does to its state.
     */
    public static double nanoGpt(GptConfig config, long parameters, int length) {
        CausalSelfAttention.Config attention = config.attention();
        return 6.0 * parameters + 12.0 * config.layers() * attention.heads() * attention.headWidth() * length;
    }

    private static double attentionMatrices(CausalSelfAttention.Config attention) {
        double d = attention.width();
        double heads = attention.heads();
        double shifts =
                (attention.inputs().keyShift() ? 1 : 0) + (attention.inputs().valueShift() ? 1 : 0);
        double square = attention.outputs().gate() ? 5 : 4; // q, k, v, out, and the output gate
        return 2 * d * heads * (square * attention.headWidth() + shifts);
    }

    private static double stated(Gpt gpt) {
        return gpt.residual().flops(gpt.dimensions());
    }

    /** What a second row adds to a run, a token: what does not grow with the tokens cancels. */
    private static double counted(Gpt gpt, Device device, int length) {
        return (run(gpt, device, 2, length) - run(gpt, device, 1, length)) / length;
    }

    private static double run(Gpt gpt, Device device, int rows, int length) {
        CountingDevice counting = new CountingDevice(device);
        Arena arena = counting.arena();
        Tape t = Tape.evaluating(counting, arena);
        gpt.logits(t, t.constant(DType.I32, Shape.of(rows, length), 0));
        arena.close();
        return counting.forward();
    }
}
