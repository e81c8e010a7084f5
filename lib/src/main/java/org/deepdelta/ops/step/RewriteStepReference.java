package org.deepdelta.ops.step;

import java.util.Arrays;
import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The three references one after the other, and back in the opposite order. */
record RewriteStepReference(Reference delta, Reference compress, Reference norm) implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        Parts p = new Parts(in);
        INDArray next = delta.forward(p.rewrite)[0];
        if (p.weight == null) {
            return new INDArray[] {next, norm.forward(next, p.norm)[0]};
        }
        INDArray x = compress.forward(next, p.weight)[0];
        return new INDArray[] {next, x, norm.forward(x, p.norm)[0]};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        Parts p = new Parts(in);
        INDArray[] out = forward(in);
        INDArray x = out[out.length - 2];
        INDArray[] throughNorm = norm.backward(new INDArray[] {x, p.norm}, last(upstream));
        INDArray dx = upstream[out.length - 2].add(throughNorm[0]);
        INDArray[] gradients = new INDArray[in.length];
        gradients[in.length - 1] = throughNorm[1];
        INDArray dNext = dx;
        if (p.weight != null) {
            INDArray[] compressed = compress.backward(new INDArray[] {out[0], p.weight}, new INDArray[] {dx});
            dNext = upstream[0].add(compressed[0]);
            gradients[in.length - 2] = compressed[1];
        }
        INDArray[] rewritten = delta.backward(p.rewrite, new INDArray[] {dNext});
        System.arraycopy(rewritten, 0, gradients, 0, rewritten.length);
        return gradients;
    }

    private static INDArray[] last(INDArray[] arrays) {
        return new INDArray[] {arrays[arrays.length - 1]};
    }

    /** The inputs of each; a vector state has no compressor. */
    private static final class Parts {
        final INDArray[] rewrite;
        final INDArray weight;
        final INDArray norm;

        Parts(INDArray[] in) {
            int behind = in[0].rank() == 3 ? 1 : 2;
            rewrite = Arrays.copyOf(in, in.length - behind);
            weight = behind == 1 ? null : in[in.length - 2];
            norm = in[in.length - 1];
        }
    }
}
