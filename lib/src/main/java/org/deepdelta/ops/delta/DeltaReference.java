package org.deepdelta.ops.delta;

import org.deepdelta.ops.delta.Delta.Gates;
import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The rewrite and its gradient as they stand in the package documentation, on N tokens at once: X is [N, d, dv]. All gates are one formula,
 * X' = X + s k (w v' - b k'X): a shared gate is s, with w = b = 1; separate ones are w and b, with s = 1; where nothing is erased b = 0.
 */
record DeltaReference(double eps, Gates gates) implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        Tokens t = new Tokens(in);
        INDArray written = t.k.mul(t.e.mul(t.s)); // s k e', [N, d, dv]
        return new INDArray[] {t.X.add(written).reshape(in[0].shape())};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        Tokens t = new Tokens(in);
        INDArray U = upstream[0].dup('c').reshape(t.X.shape());
        INDArray p = t.k.mul(U).sum(true, 1); // k'U, [N, 1, dv]

        INDArray dX = U.sub(t.k.mul(p).mul(t.s).mul(t.b));
        INDArray dv = p.mul(t.s).mul(t.w);
        INDArray dK = U.mul(t.e).sub(t.X.mul(p).mul(t.b)).sum(true, 2).mul(t.s); // s (U e - b X p), [N, d, 1]
        INDArray dDirection = dK.sub(t.k.mul(t.k.mul(dK).sum(true, 1))).div(t.norm);

        INDArray dBeta = p.mul(t.e).sum(true, 2);
        INDArray dW = p.mul(t.v).mul(t.s).sum(true, 2);
        INDArray dB = p.mul(t.read).mul(t.s).sum(true, 2).neg();
        INDArray[] all =
                switch (gates) {
                    case SHARED -> new INDArray[] {dX, dDirection, dv, dBeta};
                    case SEPARATE -> new INDArray[] {dX, dDirection, dv, dB, dW};
                    case WRITE_ONLY -> new INDArray[] {dX, dDirection, dv, dW};
                };
        for (int i = 0; i < all.length; i++) {
            all[i] = all[i].reshape(in[i].shape());
        }
        return all;
    }

    /** What forward and backward share, every array [N, d or 1, dv or 1]. */
    private final class Tokens {
        final INDArray X;
        final INDArray norm;
        final INDArray k;
        final INDArray v;
        final INDArray s;
        final INDArray w;
        final INDArray b;
        final INDArray read;
        final INDArray e;

        Tokens(INDArray[] in) {
            long n = in[1].size(0) * in[1].size(1);
            long d = in[1].size(2);
            long dv = in[2].size(2);
            X = in[0].dup('c').reshape(n, d, dv);
            INDArray direction = in[1].dup('c').reshape(n, d, 1);
            norm = Transforms.sqrt(direction.mul(direction).sum(true, 1).add(eps * eps), false); // [N, 1, 1]
            k = direction.div(norm);
            v = in[2].dup('c').reshape(n, 1, dv);
            INDArray first = in[3].dup('c').reshape(n, 1, 1);
            INDArray last = in[in.length - 1].dup('c').reshape(n, 1, 1);
            INDArray one = Nd4j.onesLike(first);
            s = gates == Gates.SHARED ? first : one;
            w = gates == Gates.SHARED ? one : last;
            b = gates == Gates.SHARED ? one : gates == Gates.SEPARATE ? first : Nd4j.zerosLike(first);
            read = k.mul(X).sum(true, 1); // k'X, [N, 1, dv]
            e = v.mul(w).sub(read.mul(b));
        }
    }
}
