package org.deepdelta.ops.compress;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Tensor;

/**
 * One token at a time on a channel-major state. A token's channels are rows of d floats one behind the other, and tokens follow each other
 * likewise, so what token t reads are the K dv rows that end with its own, each times the row of W in the same place.
 */
record CompressKernel() implements Kernel {

    @Override
    public boolean takes(Tensor... in) {
        return in[0].spec().channelMajor();
    }

    @Override
    public void forward(Call c) {
        Taps taps = Taps.of(c.in(1).shape(), c.in(0).shape().axis(1));
        int d = taps.d();
        Object state = Lanes.of(c.in(0));
        Object weight = Lanes.of(c.in(1));
        Object x = Lanes.of(c.out(0));
        Lanes.rows(c.out(0).shape().rows(), t -> {
            int first = taps.missing(t) * taps.channels();
            long from = window(taps, t) + (long) first * d;
            Taps.sum(state, from, weight, (long) first * d, d, taps.rows() - first, x, t * d, d, false);
        });
    }

    /** Where the rows that token t reads begin; before the state where some are missing. */
    private static long window(Taps taps, long t) {
        return (t - (taps.taps() - 1)) * taps.channels() * taps.d();
    }

    @Override
    public void backward(Call c) {
        Taps taps = Taps.of(c.in(1).shape(), c.in(0).shape().axis(1));
        if (c.wants(0)) {
            state(c, taps, c.sum(0));
        }
        if (c.wants(1)) {
            weight(c, taps, c.sum(1));
        }
    }

    /** dX = the sum of w u over the tokens that read it. */
    private static void state(Call c, Taps taps, Call.Sum sum) {
        int d = taps.d();
        Object weight = Lanes.of(c.in(1));
        Object u = Lanes.of(c.upstream(0));
        Object to = Lanes.of(sum.tensor());
        boolean add = sum.add();
        Lanes.rows(c.out(0).shape().rows() * taps.channels(), row -> {
            long t = row / taps.channels();
            long w = (taps.rows() - taps.channels() + row % taps.channels()) * d;
            Taps.sum(u, t * d, weight, w, -(long) taps.channels() * d, taps.readers(t), to, row * d, d, add);
        });
    }

    /** dW = the sum of X u over the tokens, in their order. */
    private static void weight(Call c, Taps taps, Call.Sum sum) {
        int d = taps.d();
        int row = Lanes.padded(d);
        Object state = Lanes.of(c.in(0));
        Object u = Lanes.of(c.upstream(0));
        float[] dw = new float[taps.rows() * row];
        Lanes.rows(c.out(0).shape().rows(), t -> {
            for (int p = taps.missing(t) * taps.channels(); p < taps.rows(); p++) {
                Lanes.addProduct(state, window(taps, t) + (long) p * d, u, t * d, dw, p * row, d);
            }
        });
        Object to = Lanes.of(sum.tensor());
        Lanes.rows(taps.rows(), p -> Lanes.putRow(dw, (int) p * row, to, p * d, d, sum.add()));
    }
}
