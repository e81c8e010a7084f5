package org.deepdelta.ops.attention;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Causal softmax attention: for each head S = q k' / sqrt(h), P = softmax of S over the keys up to the query's own position, y = P v.
 *
 * <p>Shapes: one input, the joined product [q | k | v] {@code [B, T, 3H, h]}; or two, q {@code [B, T, H, h]} and [k | v]
 * {@code [B, S, 2H, h]} with S &gt;= T, when the queries are the last T of S tokens (text generation: the keys and values of earlier tokens
 * were kept). y {@code [B, T, H, h]}. Source: Vaswani et al. 2017.
 *
 * @param heads H
 */
public record Attention(int heads) implements Op {

    /** Attends within the T tokens of the joined product. */
    public static Tensor apply(Tape t, Tensor qkv, int heads) {
        return t.apply(new Attention(heads), qkv);
    }

    /** Attends from T queries to the keys and values of S tokens, whose last T are the queries' own. */
    public static Tensor apply(Tape t, Tensor q, Tensor kv, int heads) {
        return t.apply(new Attention(heads), q, kv);
    }

    @Override
    public String name() {
        return "attention";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        if (in.length == 1) {
            in[0].expect("attention: qkv", -1, -1, 3L * heads, -1);
        } else {
            in[0].expect("attention: q", -1, -1, heads, -1);
            in[1].expect(
                    "attention: kv",
                    in[0].shape().axis(0),
                    -1,
                    2L * heads,
                    in[0].shape().axis(3));
            if (in[1].shape().axis(1) < in[0].shape().axis(1)) {
                throw new IllegalArgumentException("attention: kv: expected at least as many tokens as q "
                        + in[0].shape() + ", got " + in[1].shape());
            }
        }
        long[] sizes = in[0].shape().toArray();
        sizes[2] = heads;
        return new Spec[] {Spec.of(in[0].type(), Shape.of(sizes))};
    }

    @Override
    public double flops(Tensor... in) {
        Tensor kv = in[in.length - 1];
        return 4.0 * outputs(in)[0].shape().size() * kv.shape().axis(1);
    }

    @Override
    public Reference reference() {
        return new AttentionReference(heads);
    }

    @Override
    public Kernel cpu() {
        return new AttentionKernel(heads);
    }

    @Override
    public Kernel cuda() {
        return new AttentionCuda(heads);
    }
}
