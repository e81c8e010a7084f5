package org.deepdelta.ops.attention;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Matrix;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaMatmul;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;

/**
 * Batched matrix products, all heads of a sequence at once, with one kernel for scale, mask and softmax between them: for every head width
 * and any number of queries. The scores of one sequence are in memory.
 */
record AttentionProducts(int heads) implements Kernel {
    private static final CudaSource CU = CudaSource.beside(AttentionProducts.class, "attention.cu");
    private static final int THREADS = 128;

    @Override
    public void forward(Call c) {
        AttentionCall a = new AttentionCall(c, heads);
        Tensor lse = c.temporary(DType.F32, a.batch, heads, a.queries);
        c.save(lse);
        Tensor scores = square(a, DType.F32);
        Tensor p = square(a, a.type);
        for (int b = 0; b < a.batch; b++) {
            scores(a, b, scores);
            Tensor logs = lse.part((long) b * heads * a.queries, Shape.of(heads, a.queries));
            CU.launch(c, a.type, "attention_softmax", rows(a), scores, p, logs, a.queries, a.keys, a.past);
            multiply(a, 1, matrix(a, p), square(a), a.values(a.kv, b), a.width, a.part(c.out(0), b, 0), a.width);
        }
    }

    @Override
    public void backward(Call c) {
        AttentionCall a = new AttentionCall(c, heads);
        Tensor u = c.upstream(0);
        Tensor dq = a.gradient(0);
        Tensor dkv = c.inputs() == 1 ? dq : a.gradient(1);
        Tensor scores = square(a, DType.F32);
        Tensor dp = square(a, DType.F32);
        Tensor p = square(a, a.type);
        Tensor ds = square(a, a.type);
        for (int b = 0; b < a.batch; b++) {
            scores(a, b, scores);
            Matrix up = a.part(u, b, 0);
            multiply(a, 1, up, a.width, a.values(a.kv, b).transpose(), a.width, matrix(a, dp), square(a));
            Tensor logs = c.saved(0).part((long) b * heads * a.queries, Shape.of(heads, a.queries));
            CU.launch(
                    c,
                    a.type,
                    "attention_slopes",
                    rows(a),
                    scores,
                    dp,
                    logs,
                    p,
                    ds,
                    a.queries,
                    a.keys,
                    a.past,
                    a.scale);
            multiply(a, 1, matrix(a, p).transpose(), square(a), up, a.width, a.values(dkv, b), a.width);
            multiply(a, 1, matrix(a, ds).transpose(), square(a), a.part(a.q, b, 0), a.width, a.keys(dkv, b), a.width);
            multiply(a, 1, matrix(a, ds), square(a), a.keys(a.kv, b), a.width, a.part(dq, b, 0), a.width);
        }
    }

    private static void scores(AttentionCall a, int b, Tensor scores) {
        Matrix k = a.keys(a.kv, b).transpose();
        multiply(a, a.scale, a.part(a.q, b, 0), a.width, k, a.width, matrix(a, scores), square(a));
    }

    private static void multiply(
            AttentionCall a, double alpha, Matrix x, long nextX, Matrix y, long nextY, Matrix to, long next) {
        CudaMatmul.multiply(a.call, alpha, x, nextX, y, nextY, 0, to, next, a.heads);
    }

    private static Grid rows(AttentionCall a) {
        return Grid.of((long) a.heads * a.queries, THREADS);
    }

    private static long square(AttentionCall a) {
        return (long) a.queries * a.keys;
    }

    private static Tensor square(AttentionCall a, DType type) {
        return a.call.temporary(type, a.heads, a.queries, a.keys);
    }

    /** The first head's. */
    private static Matrix matrix(AttentionCall a, Tensor square) {
        return Matrix.of(square, 0, a.queries, a.keys, a.keys);
    }
}
