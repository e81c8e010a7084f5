package org.deepdelta.ops.step;

import org.deepdelta.ops.compress.Taps;
import org.deepdelta.ops.delta.DeltaRows;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tensor;

/**
 * One token at a time, see {@link StepForward} and {@link StepBackward}. Every sum has the order that it has in the three kernels by themselves:
 * the bits are theirs.
 */
record RewriteStepKernel(RewriteStep op) implements Kernel {

    @Override
    public boolean takes(Tensor... in) {
        return in[0].shape().rank() == 3 || in[0].spec().channelMajor();
    }

    @Override
    public void forward(Call c) {
        Sizes z = Sizes.of(op, c);
        c.save(
                c.temporary(DType.F32, z.tokens()),
                c.temporary(DType.F32, z.tokens(), z.channels()),
                c.temporary(DType.F32, z.tokens()));
        StepForward forward = new StepForward(op, z, c);
        Lanes.rows(z.tokens(), forward::token);
    }

    @Override
    public void backward(Call c) {
        Sizes z = Sizes.of(op, c);
        StepBackward backward = new StepBackward(op, z, c);
        int ahead = z.taps().taps() - 1;
        Lanes.rows(z.tokens() + ahead, t -> {
            if (t < z.tokens()) {
                backward.norm(t);
            }
            if (t >= ahead) {
                backward.token(t - ahead);
            }
        });
        backward.finish(c);
    }

    /**
     * The sizes of a call.
     *
     * @param compresses false for a vector state, which has one channel and is its own x
     * @param row floats of a scratch row
     */
    record Sizes(boolean compresses, Taps taps, long tokens, int channels, int d, int row) {

        static Sizes of(RewriteStep op, Call c) {
            Shape state = c.in(0).shape();
            boolean compresses = state.rank() == 4;
            int d = (int) state.axis(2);
            Taps taps = compresses
                    ? Taps.of(c.in(op.rewritten()).shape(), state.axis(1))
                    : new Taps(state.axis(1), 1, 1, d);
            return new Sizes(compresses, taps, c.in(1).shape().rows(), taps.channels(), d, Lanes.padded(d));
        }

        /** Where token t begins in a state. */
        long token(long t) {
            return t * channels * d;
        }

        /** Where the scratch rows of W begin that a token is read with {@code lag} tokens later. */
        int weight(int lag) {
            return (taps.taps() - 1 - lag) * channels * row;
        }

        /** The rows of an input of width d in an array. */
        float[] rows(Tensor from) {
            int count = (int) from.shape().rows();
            float[] rows = new float[count * row];
            DeltaRows.take(Lanes.of(from), 0, count, rows, d);
            return rows;
        }
    }
}
