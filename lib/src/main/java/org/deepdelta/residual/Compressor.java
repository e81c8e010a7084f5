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
    /**
     * How it starts. The authors' random kernel of small entries makes an x so small that the norm's eps dominates; the mean over
     * the channels of the current token has the size of the state.
     *
     * @param read the read vector's entries; null for 1 / dv
     * @param mean whether the kernel passes on the current token's channel (without a read vector: 1 / dv of each), instead of being random
     */
    public record Start(Double read, boolean mean) {}

    private final Compression kind;
    private final int dv;
    private final int width;
    private final Parameter kernel;
    private final Parameter read;

    /**
     * Declares kernel and read vector.
     *
     * @param std of the kernel at the start, unless that is the mean
     * @param start null for the authors'
     */
    public Compressor(Parameters p, String prefix, Compression kind, int width, int dv, double std, Start start) {
        this.kind = kind;
        this.dv = dv;
        this.width = width;
        Start first = start == null ? new Start(null, false) : start;
        kernel = kind instanceof Compression.Tokens tokens
                ? p.declare(prefix + "shortconv.weight", kernel(std, first), (long) width * dv, tokens.kernel())
                : p.declare(prefix + "weight", kernel(std, first), width, dv);
        double entry = first.read() == null ? 1.0 / dv : first.read();
        read = kind instanceof Compression.Direct ? null : p.declare(prefix + "read", Init.constant(entry), dv);
    }

    private Init kernel(double std, Start start) {
        if (!start.mean()) {
            return Init.normal(std);
        }
        if (kind instanceof Compression.Tokens tokens) {
            return tap(tokens.kernel(), tokens.kernel() - 1);
        }
        return kind instanceof Compression.Channels channels ? tap(dv, padding(channels)) : Init.constant(1.0 / dv);
    }

    /** One tap of each kernel is 1, the others 0. */
    private static Init tap(int taps, int at) {
        return (rng, i) -> i % taps == at ? 1 : 0;
    }

    private int padding(Compression.Channels channels) {
        return channels.causal() ? dv - 1 : (dv - 1) / 2;
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
                ? t.matmul(kernel.value(), spread(t, padding(channels)))
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
