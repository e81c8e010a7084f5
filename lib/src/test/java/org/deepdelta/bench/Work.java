package org.deepdelta.bench;

import org.deepdelta.ops.attention.Attention;
import org.deepdelta.ops.compress.Compress;
import org.deepdelta.ops.crossentropy.CrossEntropy;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.ops.expand.Expand;
import org.deepdelta.ops.rmsnorm.RmsNormalize;
import org.deepdelta.ops.rotary.Rotary;
import org.deepdelta.ops.swiglu.SwiGluGate;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Shape;

/**
 * An operation of the training step at a size, and the bytes that it cannot do without: every input read and every output written once,
 * forward; backward also every upstream gradient read and every gradient written.
 */
public enum Work {
    /** The delta rewrite. */
    REWRITE {
        @Override
        Op op() {
            return new Delta(1e-5);
        }

        @Override
        Shape[] inputs(Size s) {
            return new Shape[] {s.state(), s.tokens(s.d()), s.tokens(s.dv()), s.tokens(1)};
        }
    },
    /** The channel compressor, CC. */
    COMPRESS_CC {
        @Override
        Op op() {
            return new Compress();
        }

        @Override
        Shape[] inputs(Size s) {
            return new Shape[] {s.matrix(), Shape.of(1, s.dv(), s.d())};
        }
    },
    /** The token compressor with four taps, TC. */
    COMPRESS_TC {
        @Override
        Op op() {
            return new Compress();
        }

        @Override
        Shape[] inputs(Size s) {
            return new Shape[] {s.matrix(), Shape.of(4, s.dv(), s.d())};
        }
    },
    /** The embedding convolution with four taps, EC. */
    EXPAND {
        @Override
        Op op() {
            return new Expand();
        }

        @Override
        Shape[] inputs(Size s) {
            return new Shape[] {s.tokens(s.d()), Shape.of(4, s.dv(), s.d())};
        }
    },
    /** RMSNorm. */
    RMSNORM {
        @Override
        Op op() {
            return new RmsNormalize(1e-5);
        }

        @Override
        Shape[] inputs(Size s) {
            return new Shape[] {s.tokens(s.d()), Shape.of(s.d())};
        }
    },
    /** Rotary positions and query-key norm on heads of width 32. */
    ROTARY {
        @Override
        Op op() {
            return new Rotary(1, 1, 10000, 1, 0, 1e-5);
        }

        @Override
        Shape[] inputs(Size s) {
            return new Shape[] {Shape.of(s.batch() * s.d() / HEAD, s.length(), 3, HEAD), Shape.of(HEAD), Shape.of(HEAD)
            };
        }
    },
    /** Attention of heads of width 32; its time is not one of memory. */
    ATTENTION {
        @Override
        Op op() {
            return new Attention(1);
        }

        @Override
        Shape[] inputs(Size s) {
            return new Shape[] {Shape.of(s.batch() * s.d() / HEAD, s.length(), 3, HEAD)};
        }
    },
    /** The gate of SwiGLU. */
    SWIGLU {
        @Override
        Op op() {
            return new SwiGluGate();
        }

        @Override
        Shape[] inputs(Size s) {
            return new Shape[] {s.tokens(2 * (8L * s.d() / 3))};
        }
    },
    /** Cross entropy over d classes. */
    CROSS_ENTROPY {
        @Override
        Op op() {
            return new CrossEntropy(1);
        }

        @Override
        Shape[] inputs(Size s) {
            return new Shape[] {s.tokens(s.d()), Shape.of(s.batch(), s.length())};
        }
    };

    private static final long HEAD = 32;

    abstract Op op();

    /** Shapes of the inputs; token ids have two axes. */
    abstract Shape[] inputs(Size s);

    /** Elements of the output. */
    long outputs(Size s) {
        Shape first = inputs(s)[0];
        return switch (this) {
            case COMPRESS_CC, COMPRESS_TC -> s.tokens(s.d()).size();
            case EXPAND -> s.matrix().size();
            case ATTENTION -> first.size() / 3;
            case SWIGLU -> first.size() / 2;
            case CROSS_ENTROPY -> 1;
            default -> first.size();
        };
    }

    /** Whether an input holds class numbers. */
    boolean isIds(int input) {
        return this == CROSS_ENTROPY && input == 1;
    }

    /**
     * Batch, length, width and value channels.
     *
     * @param batch B
     * @param length T
     * @param d width
     * @param dv value channels
     */
    record Size(long batch, long length, long d, long dv) {

        Shape tokens(long width) {
            return Shape.of(batch, length, width);
        }

        Shape matrix() {
            return Shape.of(batch, length, d, dv);
        }

        Shape state() {
            return dv == 1 ? tokens(d) : matrix();
        }
    }
}
