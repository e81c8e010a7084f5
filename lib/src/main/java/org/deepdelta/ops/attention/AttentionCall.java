package org.deepdelta.ops.attention;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Matrix;
import org.deepdelta.tensor.Tensor;

/** The sizes and tensors of a call on CUDA: so many queries, which the past's keys precede. */
final class AttentionCall {
    final Call call;
    final DType type;
    final Tensor q;
    final Tensor kv;
    final int batch;
    final int heads;
    final int queries;
    final int keys;
    final int past;
    final int firstKey;
    final int width;
    final float scale;

    AttentionCall(Call c, int heads) {
        this.call = c;
        this.heads = heads;
        q = c.in(0);
        kv = c.in(c.inputs() - 1);
        type = q.type();
        batch = (int) q.shape().axis(0);
        queries = (int) q.shape().axis(1);
        keys = (int) kv.shape().axis(1);
        past = keys - queries;
        firstKey = c.inputs() == 1 ? heads : 0;
        width = (int) q.shape().axis(3);
        scale = (float) (1 / Math.sqrt(width));
    }

    /** All tokens of one head of one sequence, [tokens, h]; the next head is {@code width} elements on. */
    Matrix part(Tensor x, long sequence, int head) {
        long tokens = x.shape().axis(1);
        long row = x.shape().axis(2) * width;
        return Matrix.of(x, sequence * tokens * row + (long) head * width, tokens, width, row);
    }

    Matrix keys(Tensor x, long sequence) {
        return part(x, sequence, firstKey);
    }

    Matrix values(Tensor x, long sequence) {
        return part(x, sequence, firstKey + heads);
    }

    /** Where an input's gradient goes; memory that nobody reads if it is not asked for. */
    Tensor gradient(int i) {
        return call.wants(i)
                ? call.gradient(i)
                : call.temporary(type, call.in(i).shape().toArray());
    }

    /** Heads side by side in a token of a tensor. */
    static int heads(Tensor x) {
        return (int) x.shape().axis(2);
    }
}
