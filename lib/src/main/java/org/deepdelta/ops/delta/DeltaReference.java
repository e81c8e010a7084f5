package org.deepdelta.ops.delta;

import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The rewrite and its gradient as they stand in the package documentation, on N tokens at once: X is [N, d, dv]. */
record DeltaReference(double eps) implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        Tokens t = new Tokens(in, eps);
        INDArray written = t.k.mul(t.e.mul(t.beta)); // beta k e', [N, d, dv]
        return new INDArray[] {t.X.add(written).reshape(in[0].shape())};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        Tokens t = new Tokens(in, eps);
        INDArray U = upstream[0].dup('c').reshape(t.X.shape());
        INDArray p = t.k.mul(U).sum(true, 1); // k'U, [N, 1, dv]

        INDArray dX = U.sub(t.k.mul(p).mul(t.beta));
        INDArray dv = p.mul(t.beta);
        INDArray dBeta = p.mul(t.e).sum(true, 2);
        INDArray dK = U.mul(t.e).sub(t.X.mul(p)).sum(true, 2).mul(t.beta); // beta (U e - X p), [N, d, 1]
        INDArray dDirection = dK.sub(t.k.mul(t.k.mul(dK).sum(true, 1))).div(t.norm);

        return new INDArray[] {
            dX.reshape(in[0].shape()),
            dDirection.reshape(in[1].shape()),
            dv.reshape(in[2].shape()),
            dBeta.reshape(in[3].shape())
        };
    }

    /** What forward and backward share, every array [N, d or 1, dv or 1]. */
    private static final class Tokens {
        final INDArray X;
        final INDArray beta;
        final INDArray norm;
        final INDArray k;
        final INDArray e;

        Tokens(INDArray[] in, double eps) {
            long n = in[1].size(0) * in[1].size(1);
            long d = in[1].size(2);
            long dv = in[2].size(2);
            X = in[0].dup('c').reshape(n, d, dv);
            INDArray direction = in[1].dup('c').reshape(n, d, 1);
            INDArray v = in[2].dup('c').reshape(n, 1, dv);
            beta = in[3].dup('c').reshape(n, 1, 1);
            norm = Transforms.sqrt(direction.mul(direction).sum(true, 1).add(eps * eps), false); // [N, 1, 1]
            k = direction.div(norm);
            e = v.sub(k.mul(X).sum(true, 1)); // v' - k'X, [N, 1, dv]
        }
    }
}
