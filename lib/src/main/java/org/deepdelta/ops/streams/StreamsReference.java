package org.deepdelta.ops.streams;

import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The mixture and its gradients as they stand in the package documentation, stream by stream, on N tokens at once. */
final class StreamsReference implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        Tokens t = new Tokens(in);
        INDArray out = Nd4j.create(in[0].dataType(), t.count, t.m, t.d);
        for (int i = 0; i < t.m; i++) {
            INDArray sum = t.y == null ? Nd4j.zeros(in[0].dataType(), t.count, t.d) : t.y.mul(t.b(i));
            for (int j = 0; j < t.n; j++) {
                sum.addi(row(t.H, j).mul(t.a(j, i)));
            }
            row(out, i).assign(sum);
        }
        return new INDArray[] {out.reshape(in[0].size(0), in[0].size(1), t.m, t.d)};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        Tokens t = new Tokens(in);
        INDArray U = upstream[0].dup('c').reshape(t.count, t.m, t.d);
        INDArray dH = Nd4j.zeros(in[0].dataType(), t.count, t.n, t.d);
        INDArray dA = Nd4j.create(in[0].dataType(), t.count, t.n, t.m);
        INDArray db = Nd4j.create(in[0].dataType(), t.count, t.m, 1);
        INDArray dy = Nd4j.zeros(in[0].dataType(), t.count, t.d);
        for (int i = 0; i < t.m; i++) {
            INDArray u = row(U, i);
            for (int j = 0; j < t.n; j++) {
                row(dH, j).addi(u.mul(t.a(j, i))); // dH = A U
                entry(dA, j, i).assign(row(t.H, j).mul(u).sum(true, 1)); // dA = H U'
            }
            if (t.y != null) {
                entry(db, i, 0).assign(t.y.mul(u).sum(true, 1)); // db = U y
                dy.addi(u.mul(t.b(i))); // dy = U'b
            }
        }
        INDArray[] both = {dH.reshape(in[0].shape()), like(in[1], dA)};
        return t.y == null ? both : new INDArray[] {both[0], both[1], like(in[2], db), dy.reshape(in[3].shape())};
    }

    /** A coefficient of all tokens has the sum of their gradients. */
    private static INDArray like(INDArray coefficient, INDArray gradient) {
        return coefficient.rank() == 2 ? gradient.sum(0) : gradient.reshape(coefficient.shape());
    }

    /** Stream j of every token, [N, d]. */
    private static INDArray row(INDArray streams, int j) {
        return streams.get(NDArrayIndex.all(), NDArrayIndex.point(j), NDArrayIndex.all());
    }

    /** One coefficient of every token, [N, 1]. */
    private static INDArray entry(INDArray coefficients, int j, int i) {
        return coefficients.get(NDArrayIndex.all(), NDArrayIndex.point(j), NDArrayIndex.interval(i, i + 1));
    }

    /** The inputs by token; coefficients of all tokens are [1, n, m]. */
    private static final class Tokens {
        final long count;
        final int n;
        final int m;
        final long d;
        final INDArray H;
        final INDArray A;
        final INDArray b;
        final INDArray y;

        Tokens(INDArray[] in) {
            count = in[0].size(0) * in[0].size(1);
            n = (int) in[0].size(2);
            m = (int) in[1].size(in[1].rank() - 1);
            d = in[0].size(3);
            H = in[0].dup('c').reshape(count, n, d);
            A = in[1].dup('c').reshape(-1, n, m);
            b = in.length > 2 ? in[2].dup('c').reshape(-1, m, 1) : null;
            y = in.length > 2 ? in[3].dup('c').reshape(count, d) : null;
        }

        INDArray a(int j, int i) {
            return entry(A, j, i);
        }

        INDArray b(int i) {
            return entry(b, i, 0);
        }
    }
}
