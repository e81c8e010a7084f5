package org.deepdelta.ops.delta;

import java.util.function.LongConsumer;
import org.deepdelta.ops.delta.Delta.Gates;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Tensor;

/**
 * One token at a time on a channel-major state. Forward keeps 1 / |k~| (guarded) and k'X; from them the backward pass needs one sum a
 * channel, p = k'U, for k'dk follows from these numbers alone, and everything else is written in a second pass.
 */
record DeltaKernel(double eps, Gates gates) implements Kernel {

    @Override
    public boolean takes(Tensor... in) {
        return in[0].shape().rank() == 3 || in[0].spec().channelMajor();
    }

    @Override
    public void forward(Call c) {
        int d = (int) c.in(1).shape().axis(-1);
        int channels = (int) c.in(2).shape().axis(-1);
        long tokens = c.in(1).shape().rows();
        Object state = Lanes.of(c.in(0));
        Object direction = Lanes.of(c.in(1));
        Object next = Lanes.of(c.out(0));
        c.save(c.temporary(DType.F32, tokens), c.temporary(DType.F32, tokens, channels));
        Object inverse = Lanes.of(c.saved(0));
        GateScalars s = GateScalars.forward(c, gates, c.saved(1));
        float guard = (float) (eps * eps);
        boolean erases = gates != Gates.WRITE_ONLY;
        float[] k = new float[Lanes.padded(d)];
        LongConsumer direct =
                t -> Lanes.set(inverse, t, (float) (1 / Math.sqrt(DeltaRows.take(direction, t * d, k, d) + guard)));
        LongConsumer read = t -> DeltaRows.dots(k, state, t * channels * d, d, Lanes.get(inverse, t), s.read);
        LongConsumer write = t -> DeltaRows.write(state, next, t * channels * d, k, Lanes.get(inverse, t), s.push, d);
        Lanes.rows(tokens, t -> {
            Lanes.row(t, direct);
            if (erases) {
                Lanes.row(t, read);
            }
            s.push(t);
            Lanes.row(t, write);
        });
    }

    @Override
    public void backward(Call c) {
        int d = (int) c.in(1).shape().axis(-1);
        int channels = (int) c.in(2).shape().axis(-1);
        long tokens = c.in(1).shape().rows();
        GateScalars s = GateScalars.backward(c, gates, c.saved(1));
        Call.Sum sum = c.wants(0) ? c.sum(0) : new Call.Sum(like(c, 0), false);
        boolean add = sum.add();
        Object dState = Lanes.of(sum.tensor());
        Object dDirection = Lanes.of(c.wants(1) ? c.gradient(1) : like(c, 1));
        Object state = Lanes.of(c.in(0));
        Object direction = Lanes.of(c.in(1));
        Object upstream = Lanes.of(c.upstream(0));
        Object inverse = Lanes.of(c.saved(0));
        int row = Lanes.padded(d);
        float[] raw = new float[row];
        float[] k = new float[row];
        float[] dk = new float[row];
        float[] u = new float[channels * row];
        float[] along = new float[1];
        LongConsumer take = t -> {
            DeltaRows.take(direction, t * d, raw, d);
            DeltaRows.take(upstream, t * channels * d, channels, u, d);
        };
        LongConsumer read = t -> DeltaRows.dots(raw, u, d, Lanes.get(inverse, t), s.along);
        LongConsumer unit = t -> DeltaRows.unit(raw, Lanes.get(inverse, t), along[0], k, dk, d);
        LongConsumer differentiate =
                t -> DeltaRows.differentiate(state, dState, t * channels * d, add, u, k, dk, s.push, s.pull, d);
        LongConsumer give = t -> DeltaRows.give(dk, Lanes.get(inverse, t), dDirection, t * d, d);
        Lanes.rows(tokens, t -> {
            Lanes.row(t, take);
            Lanes.row(t, read);
            along[0] = s.differentiate(t);
            Lanes.row(t, unit);
            Lanes.row(t, differentiate);
            Lanes.row(t, give);
        });
    }

    private static Tensor like(Call c, int i) {
        return c.temporary(DType.F32, c.in(i).shape().toArray());
    }
}
