package org.deepdelta.ops.attention;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Causal softmax attention on the joined product [q | k | v]: for each head S = q k' / sqrt(h), P = softmax of S over the keys up to the
 * query's own position, y = P v.
 *
 * <p>Shapes: qkv {@code [B, T, 3H, h]}, y {@code [B, T, H, h]}. Source: Vaswani et al. 2017.
 *
 * @param heads H
 */
public record Attention(int heads) implements Op {

    /** Attends. */
    public static Tensor apply(Tape t, Tensor qkv, int heads) {
        return t.apply(new Attention(heads), qkv);
    }

    @Override
    public String name() {
        return "attention";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        in[0].expect("attention: qkv", -1, -1, 3L * heads, -1);
        long[] sizes = in[0].shape().toArray();
        sizes[2] = heads;
        return new Spec[] {Spec.of(in[0].type(), org.deepdelta.tensor.Shape.of(sizes))};
    }

    @Override
    public double flops(Tensor... in) {
        long length = in[0].shape().axis(1);
        return 4.0 * in[0].size() / 3 * length;
    }

    @Override
    public Reference reference() {
        return new AttentionReference(heads);
    }

    @Override
    public Kernel cpu() {
        return new AttentionKernel(heads);
    }
}
