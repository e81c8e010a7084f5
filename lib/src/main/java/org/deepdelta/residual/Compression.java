package org.deepdelta.residual;

/**
 * How an expanded state X {@code [B, T, d, dv]} becomes the sublayer's input x {@code [B, T, d]} (Sec. 3.2): along time or along the value
 * channels. Each has a kernel for every feature, each ends in one sum over the value channels.
 */
public sealed interface Compression {

    /**
     * TC, the token axis: a causal depthwise convolution over time, then a read vector over the channels:
     * x[t,i] = sum_j read[j] sum_s w[(i,j),s] X[t-(K-1)+s,i,j]. The last tap is the current token.
     *
     * @param kernel K, taps; K - 1 tokens are looked back
     */
    record Tokens(int kernel) implements Compression {
        /** Checks the kernel. */
        public Tokens {
            if (kernel < 1) {
                throw new IllegalArgumentException("compression: kernel: expected >= 1, got " + kernel);
            }
        }
    }

    /**
     * CC, the channel axis, as the authors' code computes it: a correlation of length dv along the channels, padded to the same length, then a
     * read vector: x[i] = sum_m read[m] sum_s w[i,s] X[i,m+s-p], p = floor((dv-1)/2), or dv - 1 if causal.
     *
     * @param causal whether all padding is on the left
     */
    record Channels(boolean causal) implements Compression {}

    /** CC as the paper writes it: x[i] = sum_j c[i,j] X[i,j], one number a feature and channel. */
    record Direct() implements Compression {}
}
