package org.deepdelta.ops.attention;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.point;

import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * One head of one sequence at a time: P = softmax(q k' / sqrt(h)) below the diagonal, y = P v; backward dv = P' U, dP = U v',
 * dS = P (dP - rowsum(P dP)), dq = dS k / sqrt(h), dk = dS' q / sqrt(h).
 */
record AttentionReference(int heads) implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray qkv = in[0];
        INDArray y = Nd4j.create(qkv.dataType(), qkv.size(0), qkv.size(1), heads, qkv.size(3));
        for (long b = 0; b < qkv.size(0); b++) {
            for (int i = 0; i < heads; i++) {
                INDArray p = probabilities(head(qkv, b, i), head(qkv, b, heads + i));
                head(y, b, i).assign(p.mmul(head(qkv, b, 2 * heads + i).dup('c')));
            }
        }
        return new INDArray[] {y};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        INDArray qkv = in[0];
        INDArray gradient = Nd4j.create(qkv.dataType(), qkv.shape());
        double scale = 1 / Math.sqrt(qkv.size(3));
        for (long b = 0; b < qkv.size(0); b++) {
            for (int i = 0; i < heads; i++) {
                INDArray q = head(qkv, b, i).dup('c');
                INDArray k = head(qkv, b, heads + i).dup('c');
                INDArray v = head(qkv, b, 2 * heads + i).dup('c');
                INDArray u = head(upstream[0], b, i).dup('c');
                INDArray p = probabilities(q, k);
                INDArray dp = u.mmul(v.transpose());
                INDArray ds = p.mul(dp.sub(p.mul(dp).sum(true, 1))).mul(scale);
                head(gradient, b, i).assign(ds.mmul(k));
                head(gradient, b, heads + i).assign(ds.transpose().mmul(q));
                head(gradient, b, 2 * heads + i).assign(p.transpose().mmul(u));
            }
        }
        return new INDArray[] {gradient};
    }

    private static INDArray probabilities(INDArray q, INDArray k) {
        INDArray s = q.dup('c').mmul(k.dup('c').transpose()).mul(1 / Math.sqrt(q.size(1)));
        INDArray mask = causal(s);
        s = s.add(mask);
        INDArray e = Transforms.exp(s.sub(s.max(true, 1)), false);
        return e.div(e.sum(true, 1));
    }

    /** Zero on and below the diagonal, and above it so negative that the exponential is zero in either precision. */
    private static INDArray causal(INDArray s) {
        int n = (int) s.size(0);
        double[][] mask = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                mask[i][j] = -1e30;
            }
        }
        return Nd4j.create(mask).castTo(s.dataType());
    }

    private static INDArray head(INDArray x, long b, int i) {
        return x.get(point(b), all(), point(i), all());
    }
}
