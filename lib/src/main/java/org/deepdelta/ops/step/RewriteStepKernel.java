package org.deepdelta.ops.step;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.ops.compress.Taps;
import org.deepdelta.ops.delta.Delta.Gates;
import org.deepdelta.ops.delta.DeltaRows;
import org.deepdelta.ops.delta.GateScalars;
import org.deepdelta.ops.rmsnorm.RmsRows;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tensor;

/**
 * One token at a time: its new state is compressed and normalised while it is in the cache, and those of the K - 1 tokens before it are
 * still near. Backward dx is made K - 1 tokens ahead, so that what later ones read of a token's state is known; K rows of it and one token's dX'
 * are kept in scratch memory. Every sum has the order that it has in the three kernels by themselves: the bits are theirs.
 */
record RewriteStepKernel(RewriteStep op) implements Kernel {

    @Override
    public boolean takes(Tensor... in) {
        return in[0].shape().rank() == 3 || in[0].spec().channelMajor();
    }

    @Override
    public void forward(Call c) {
        Sizes z = new Sizes(c);
        int d = z.taps.d();
        long tokens = c.in(1).shape().rows();
        Tensor inverses = c.temporary(DType.F32, tokens);
        Tensor reads = c.temporary(DType.F32, tokens, z.taps.channels());
        Tensor roots = c.temporary(DType.F32, tokens);
        c.save(inverses, reads, roots);
        GateScalars s = GateScalars.forward(c, op.gates(), reads);
        Object inverse = Lanes.of(inverses);
        Object root = Lanes.of(roots);
        Object state = Lanes.of(c.in(0));
        Object direction = Lanes.of(c.in(1));
        Object weight = z.compresses ? Lanes.of(c.in(op.rewritten())) : null;
        Object scale = Lanes.of(c.in(c.inputs() - 1));
        Object next = Lanes.of(c.out(0));
        Object x = z.compresses ? Lanes.of(c.out(1)) : next;
        Object context = Lanes.of(c.out(z.compresses ? 2 : 1));
        float guard = (float) (op.eps() * op.eps());
        float eps = (float) op.normEps();
        boolean erases = op.gates() != Gates.WRITE_ONLY;
        Lanes.rows(tokens, t -> Lanes.set(inverse, t, DeltaRows.inverseNorm(direction, t * d, d, guard)));
        Lanes.rows(tokens, t -> {
            float norm = Lanes.get(inverse, t);
            long at = t * z.row;
            if (erases) {
                DeltaRows.read(direction, t * d, state, at, d, norm, s.read);
            }
            s.push(t);
            DeltaRows.write(state, next, at, direction, t * d, d, norm, s.push);
            if (weight != null) {
                int missing = z.taps.missing(t) * z.taps.channels();
                long from = at - (z.taps.taps() - 1) * z.row + (long) missing * d;
                Taps.sum(next, from, weight, (long) missing * d, d, z.taps.rows() - missing, x, t * d, d, false);
            }
            Lanes.set(root, t, RmsRows.normalise(x, scale, context, t * d, d, eps));
        });
    }

    @Override
    public void backward(Call c) {
        Sizes z = new Sizes(c);
        int d = z.taps.d();
        long tokens = c.in(1).shape().rows();
        GateScalars s = GateScalars.backward(c, op.gates(), c.saved(1));
        Call.Sum sum = c.wants(0) ? c.sum(0) : new Call.Sum(like(c, 0), false);
        boolean add = sum.add();
        Object dState = Lanes.of(sum.tensor());
        Object dDirection = Lanes.of(c.wants(1) ? c.gradient(1) : like(c, 1));
        Object state = Lanes.of(c.in(0));
        Object direction = Lanes.of(c.in(1));
        Object inverse = Lanes.of(c.saved(0));
        Object root = Lanes.of(c.saved(2));
        Object weight = z.compresses ? Lanes.of(c.in(op.rewritten())) : null;
        Object scale = Lanes.of(c.in(c.inputs() - 1));
        Object next = Lanes.of(c.out(0));
        Object x = z.compresses ? Lanes.of(c.out(1)) : next;
        Object u = Lanes.of(c.upstream(0));
        Object dx = z.compresses ? Lanes.of(c.upstream(1)) : u;
        Object rows = Lanes.of(c.temporary(DType.F32, z.taps.taps(), d)); // dx of token t is row t mod K
        Object dNext = z.compresses ? Lanes.of(c.temporary(DType.F32, z.row)) : rows;
        Object dContext = Lanes.of(c.upstream(z.compresses ? 2 : 1));
        boolean erases = op.gates() != Gates.WRITE_ONLY;
        int padded = Lanes.padded(d);
        float[] dScale = new float[padded];
        float[] dWeight = new float[z.compresses ? z.taps.rows() * padded : 0];
        int ahead = z.taps.taps() - 1;
        Lanes.rows(tokens + ahead, step -> {
            if (step < tokens) {
                float r = Lanes.get(root, step);
                float mean = RmsRows.weigh(x, scale, dContext, dScale, step * d, d, r);
                RmsRows.spread(x, scale, dContext, step * d, d, r, mean, dx, rows, step % z.taps.taps() * d);
            }
            long t = step - ahead;
            if (t < 0) {
                return;
            }
            if (weight != null) {
                readers(z.taps, t, weight, rows, next, u, dNext, dWeight, padded);
            }
            long at = t * z.row;
            float norm = Lanes.get(inverse, t);
            DeltaRows.read(direction, t * d, dNext, 0, d, norm, s.along);
            float a = s.differentiate(t);
            if (erases) {
                DeltaRows.differentiate(
                        state, at, dNext, 0, dState, add, direction, dDirection, t * d, d, norm, s.push, s.pull, a);
            } else {
                DeltaRows.differentiateWritten(
                        at, dNext, 0, dState, add, direction, dDirection, t * d, d, norm, s.push, a);
            }
        });
        if (z.compresses) {
            put(c, op.rewritten(), dWeight, padded);
        }
        put(c, c.inputs() - 1, dScale, padded);
    }

    /** For every token that reads token t's new state: dX' = U + W dx, and dW += X' dx. */
    private static void readers(
            Taps taps,
            long t,
            Object weight,
            Object rows,
            Object next,
            Object u,
            Object dNext,
            float[] dWeight,
            int padded) {
        int d = taps.d();
        for (int j = 0; j < taps.channels(); j++) {
            long at = (t * taps.channels() + j) * d;
            collect(taps, t, j, weight, rows, u, at, dNext);
            for (int lag = 0; lag < taps.readers(t); lag++) {
                int w = (taps.taps() - 1 - lag) * taps.channels() + j;
                Lanes.addProduct(next, at, rows, (t + lag) % taps.taps() * d, dWeight, w * padded, d);
            }
        }
    }

    private static void collect(Taps taps, long t, int j, Object weight, Object rows, Object u, long at, Object dNext) {
        int d = taps.d();
        int readers = taps.readers(t);
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector sum = Lanes.zero();
            for (int lag = 0; lag < readers; lag++) {
                long w = ((long) (taps.taps() - 1 - lag) * taps.channels() + j) * d + i;
                FloatVector dx = Lanes.load(rows, (t + lag) % taps.taps() * d + i, d - i);
                sum = dx.fma(Lanes.load(weight, w, d - i), sum);
            }
            Lanes.store(dNext, (long) j * d + i, Lanes.load(u, at + i, d - i).add(sum), d - i);
        }
    }

    /** Writes or adds the gradient of an input with rows of d, summed up in rows of padded length. */
    private static void put(Call c, int input, float[] rows, int padded) {
        if (c.wants(input)) {
            Call.Sum sum = c.sum(input);
            int d = (int) c.in(input).shape().axis(-1);
            Object to = Lanes.of(sum.tensor());
            Lanes.rows(rows.length / padded, p -> Lanes.putRow(rows, (int) p * padded, to, p * d, d, sum.add()));
        }
    }

    private static Tensor like(Call c, int i) {
        return c.temporary(DType.F32, c.in(i).shape().toArray());
    }

    /** The sizes of a call; a vector state has one channel and nothing to compress. */
    private final class Sizes {
        final boolean compresses;
        final Taps taps;
        final long row;

        Sizes(Call c) {
            Shape state = c.in(0).shape();
            compresses = state.rank() == 4;
            taps = compresses
                    ? Taps.of(c.in(op.rewritten()).shape(), state.axis(1))
                    : new Taps(state.axis(1), 1, 1, (int) state.axis(2));
            row = (long) taps.channels() * taps.d();
        }
    }
}
