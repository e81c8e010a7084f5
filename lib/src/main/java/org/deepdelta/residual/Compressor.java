package org.deepdelta.residual;

import org.deepdelta.nn.Init;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.ops.compress.Compress;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * A compressor's parameters under the authors' names, and the one form that every {@link Compression} has for the operation
 * {@link Compress}: weights W {@code [K, dv, d]} with x[t,i] = sum_s sum_j W[s,j,i] X[t-(K-1)+s,i,j].
 */
public final class Compressor {
    private final Compression kind;
    private final int dv;
    private final int width;
    private final Parameter kernel;
    private final Parameter read;

    /**
     * Declares kernel and read vector.
     *
     * @param readStart the read vector's entries at the start; null for 1 / dv
     */
    public Compressor(Parameters p, String prefix, Compression kind, int width, int dv, double std, Double readStart) {
        this.kind = kind;
        this.dv = dv;
        this.width = width;
        kernel = kind instanceof Compression.Tokens tokens
                ? p.declare(prefix + "shortconv.weight", Init.normal(std), (long) width * dv, tokens.kernel())
                : p.declare(prefix + "weight", Init.normal(std), width, dv);
        double start = readStart == null ? 1.0 / dv : readStart;
        read = kind instanceof Compression.Direct ? null : p.declare(prefix + "read", Init.constant(start), dv);
    }

    /** Tokens that it looks back. */
    int before() {
        return kind instanceof Compression.Tokens tokens ? tokens.kernel() - 1 : 0;
    }

    /** x {@code [B, T, d]}. */
    public Tensor apply(Tape t, Tensor state) {
        Tensor weight = weight(t);
        return t.causal(state, before(), x -> Compress.apply(t, x, weight));
    }

    /** FLOPs a token, forward. */
    double flops() {
        return 2.0 * (before() + 1) * dv * width;
    }

    /** W {@code [K, dv, d]}. */
    public Tensor weight(Tape t) {
        if (kind instanceof Compression.Tokens tokens) {
            Tensor taps = t.reshape(kernel.value(), width, dv, tokens.kernel());
            return t.transpose(t.multiply(taps, t.reshape(read.value(), dv, 1)), 2, 1, 0);
        }
        Tensor perChannel = kind instanceof Compression.Channels channels
                ? t.matmul(kernel.value(), spread(t, channels.causal() ? dv - 1 : (dv - 1) / 2))
                : kernel.value();
        return t.reshape(t.transpose(perChannel, 1, 0), 1, dv, width);
    }

    /** R {@code [K, dv]} with R[s,j] = read[j - s + p]: the read vector moved by each tap, so that W = w R. */
    private Tensor spread(Tape t, int padding) {
        double[] moves = new double[dv * dv * dv];
        for (int s = 0; s < dv; s++) {
            for (int j = 0; j < dv; j++) {
                int m = j - s + padding;
                if (m >= 0 && m < dv) {
                    moves[(s * dv + j) * dv + m] = 1;
                }
            }
        }
        DType type = read.value().type();
        Tensor select = t.allocate(Spec.of(type, Shape.of((long) dv * dv, dv))).set(moves);
        return t.reshape(t.matmul(select, t.reshape(read.value(), dv, 1)), dv, dv);
    }
}
