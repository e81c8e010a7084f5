package org.deepdelta.ops.attention;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.point;

import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * One head of one sequence at a time: P = softmax(q k' / sqrt(h)) over the keys up to the query's own, y = P v; backward dv = P' U,
 * dP = U v', dS = P (dP - rowsum(P dP)), dq = dS k / sqrt(h), dk = dS' q / sqrt(h).
 */
record AttentionReference(int heads) implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray q = in[0];
        INDArray kv = in[in.length - 1];
        int keys = firstKey(in);
        INDArray y = Nd4j.create(q.dataType(), q.size(0), q.size(1), heads, q.size(3));
        for (long b = 0; b < q.size(0); b++) {
            for (int i = 0; i < heads; i++) {
                INDArray p = probabilities(head(q, b, i), head(kv, b, keys + i));
                head(y, b, i).assign(p.mmul(head(kv, b, keys + heads + i).dup('c')));
            }
        }
        return new INDArray[] {y};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        INDArray kv = in[in.length - 1];
        int keys = firstKey(in);
        INDArray[] gradients = new INDArray[in.length];
        for (int i = 0; i < in.length; i++) {
            gradients[i] = Nd4j.create(in[i].dataType(), in[i].shape());
        }
        INDArray dkv = gradients[in.length - 1];
        double scale = 1 / Math.sqrt(kv.size(3));
        for (long b = 0; b < kv.size(0); b++) {
            for (int i = 0; i < heads; i++) {
                INDArray q = head(in[0], b, i).dup('c');
                INDArray k = head(kv, b, keys + i).dup('c');
                INDArray v = head(kv, b, keys + heads + i).dup('c');
                INDArray u = head(upstream[0], b, i).dup('c');
                INDArray p = probabilities(q, k);
                INDArray dp = u.mmul(v.transpose());
                INDArray ds = p.mul(dp.sub(p.mul(dp).sum(true, 1))).mul(scale);
                head(gradients[0], b, i).assign(ds.mmul(k));
                head(dkv, b, keys + i).assign(ds.transpose().mmul(q));
                head(dkv, b, keys + heads + i).assign(p.transpose().mmul(u));
            }
        }
        return gradients;
    }

    /** Where the keys begin in the last input: behind the queries if all are joined. */
    private int firstKey(INDArray[] in) {
        return in.length == 1 ? heads : 0;
    }

    private static INDArray probabilities(INDArray q, INDArray k) {
        INDArray s = q.dup('c').mmul(k.dup('c').transpose()).mul(1 / Math.sqrt(q.size(1)));
        s = s.add(causal(s));
        INDArray e = Transforms.exp(s.sub(s.max(true, 1)), false);
        return e.div(e.sum(true, 1));
    }

    /** Zero up to the query's own key, and behind it so negative that the exponential is zero in either precision. */
    private static INDArray causal(INDArray s) {
        int queries = (int) s.size(0);
        int keys = (int) s.size(1);
        double[][] mask = new double[queries][keys];
        for (int i = 0; i < queries; i++) {
            for (int j = keys - queries + i + 1; j < keys; j++) {
                mask[i][j] = -1e30;
            }
        }
        return Nd4j.create(mask).castTo(s.dataType());
    }

    private static INDArray head(INDArray x, long b, int i) {
        return x.get(point(b), all(), point(i), all());
    }
}
