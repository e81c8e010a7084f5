package org.deepdelta.ops.delta;

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
        Tensor inverses = c.temporary(DType.F32, tokens);
        Tensor reads = c.temporary(DType.F32, tokens, channels);
        c.save(inverses, reads);
        GateScalars s = GateScalars.forward(c, gates, reads);
        Object inverse = Lanes.of(inverses);
        float guard = (float) (eps * eps);
        boolean erases = gates != Gates.WRITE_ONLY;
        Lanes.rows(tokens, t -> Lanes.set(inverse, t, DeltaRows.inverseNorm(direction, t * d, d, guard)));
        Lanes.rows(tokens, t -> {
            float norm = Lanes.get(inverse, t);
            long x = t * channels * d;
            if (erases) {
                DeltaRows.read(direction, t * d, state, x, d, norm, s.read);
            }
            s.push(t);
            DeltaRows.write(state, next, x, direction, t * d, d, norm, s.push);
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
        Object u = Lanes.of(c.upstream(0));
        Object inverse = Lanes.of(c.saved(0));
        boolean erases = gates != Gates.WRITE_ONLY;
        Lanes.rows(tokens, t -> {
            float norm = Lanes.get(inverse, t);
            long x = t * channels * d;
            DeltaRows.read(direction, t * d, u, x, d, norm, s.along);
            float a = s.differentiate(t);
            if (erases) {
                DeltaRows.differentiate(
                        state, x, u, x, dState, add, direction, dDirection, t * d, d, norm, s.push, s.pull, a);
            } else {
                DeltaRows.differentiateWritten(x, u, x, dState, add, direction, dDirection, t * d, d, norm, s.push, a);
            }
        });
    }

    private static Tensor like(Call c, int i) {
        return c.temporary(DType.F32, c.in(i).shape().toArray());
    }
}
