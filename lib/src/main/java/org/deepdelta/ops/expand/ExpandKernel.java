package org.deepdelta.ops.expand;

import org.deepdelta.ops.compress.Taps;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;

/** One token at a time; the state is channel-major, so that a channel of a token is a row of d floats, as an embedding is. */
record ExpandKernel() implements Kernel {

    @Override
    public void forward(Call c) {
        Taps taps = Taps.of(c.in(1).shape(), c.in(0).shape().axis(1));
        int channels = taps.channels();
        int d = taps.d();
        Object embedding = Lanes.of(c.in(0));
        Object weight = Lanes.of(c.in(1));
        Object state = Lanes.of(c.out(0));
        Lanes.rows(c.in(0).shape().rows() * channels, row -> {
            long t = row / channels;
            int first = taps.missing(t);
            long e = (t - (taps.taps() - 1) + first) * d;
            long w = ((long) first * channels + row % channels) * d;
            Taps.sum(embedding, e, weight, w, (long) channels * d, taps.taps() - first, state, row * d, d, false);
        });
    }

    @Override
    public void backward(Call c) {
        Taps taps = Taps.of(c.in(1).shape(), c.in(0).shape().axis(1));
        if (c.wants(0)) {
            embedding(c, taps, c.sum(0));
        }
        if (c.wants(1)) {
            weight(c, taps, c.sum(1));
        }
    }

    /** de = the sum of w U over the value channels of the tokens that it is mixed into. */
    private static void embedding(Call c, Taps taps, Call.Sum sum) {
        int channels = taps.channels();
        int d = taps.d();
        Object weight = Lanes.of(c.in(1));
        Object u = Lanes.of(c.upstream(0));
        Object to = Lanes.of(sum.tensor());
        Lanes.rows(c.in(0).shape().rows(), t -> {
            int readers = taps.readers(t);
            for (int r = 0; r < readers; r++) {
                long w = (long) (taps.taps() - 1 - r) * channels * d;
                Taps.sum(u, (t + r) * channels * d, weight, w, d, channels, to, t * d, d, sum.add() || r > 0);
            }
        });
    }

    /** dW = the sum of e U over the tokens, in their order. */
    private static void weight(Call c, Taps taps, Call.Sum sum) {
        int channels = taps.channels();
        int d = taps.d();
        int row = Lanes.padded(d);
        Object embedding = Lanes.of(c.in(0));
        Object u = Lanes.of(c.upstream(0));
        float[] dw = new float[taps.rows() * row];
        Lanes.rows(c.in(0).shape().rows() * channels, x -> {
            long t = x / channels;
            for (int s = taps.missing(t); s < taps.taps(); s++) {
                int at = (int) (s * channels + x % channels) * row;
                Lanes.addProduct(embedding, (t - (taps.taps() - 1) + s) * d, u, x * d, dw, at, d);
            }
        });
        Object to = Lanes.of(sum.tensor());
        Lanes.rows(taps.rows(), p -> Lanes.putRow(dw, (int) p * row, to, p * d, d, sum.add()));
    }
}
