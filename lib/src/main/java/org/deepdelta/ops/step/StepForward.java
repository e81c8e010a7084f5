package org.deepdelta.ops.step;

import java.util.Arrays;
import java.util.function.LongConsumer;
import org.deepdelta.ops.delta.Delta.Gates;
import org.deepdelta.ops.delta.DeltaRows;
import org.deepdelta.ops.delta.GateScalars;
import org.deepdelta.ops.step.RewriteStepKernel.Sizes;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Lanes;

/** The forward pass of a call: a token's new state is compressed as it is written, and x is normalised from scratch memory. */
final class StepForward {
    private final RewriteStep op;
    private final Sizes z;
    private final Object state;
    private final Object direction;
    private final Object next;
    private final Object compressed;
    private final Object context;
    private final Object inverse;
    private final Object root;
    private final GateScalars scalars;
    private final float[] weight;
    private final float[] scale;
    private final float[] k;
    private final float[] x;
    private final LongConsumer direct = this::direct;
    private final LongConsumer read = this::read;
    private final LongConsumer before = this::before;
    private final LongConsumer write = this::write;
    private final LongConsumer measure = this::measure;
    private final LongConsumer normalise = this::normalise;

    StepForward(RewriteStep op, Sizes z, Call c) {
        this.op = op;
        this.z = z;
        state = Lanes.of(c.in(0));
        direction = Lanes.of(c.in(1));
        next = Lanes.of(c.out(0));
        compressed = z.compresses() ? Lanes.of(c.out(1)) : null;
        context = Lanes.of(c.out(z.compresses() ? 2 : 1));
        inverse = Lanes.of(c.saved(0));
        scalars = GateScalars.forward(c, op.gates(), c.saved(1));
        root = Lanes.of(c.saved(2));
        weight = z.compresses() ? z.rows(c.in(op.rewritten())) : null;
        scale = z.rows(c.in(c.inputs() - 1));
        k = new float[z.row()];
        x = new float[z.row()];
    }

    void token(long t) {
        Lanes.row(t, direct);
        if (op.gates() != Gates.WRITE_ONLY) {
            Lanes.row(t, read);
        }
        scalars.push(t);
        if (z.taps().taps() > 1) {
            Lanes.row(t, before);
        }
        Lanes.row(t, write);
        Lanes.row(t, measure);
        Lanes.row(t, normalise);
    }

    private void direct(long t) {
        float square = DeltaRows.take(direction, t * z.d(), k, z.d());
        Lanes.set(inverse, t, (float) (1 / Math.sqrt(square + (float) (op.eps() * op.eps()))));
    }

    private void read(long t) {
        DeltaRows.dots(k, state, z.token(t), z.d(), Lanes.get(inverse, t), scalars.read);
    }

    /** What x has of the tokens before. */
    private void before(long t) {
        Arrays.fill(x, 0);
        for (int lag = z.taps().taps() - 1 - z.taps().missing(t); lag > 0; lag--) {
            StepRows.read(next, z.token(t - lag), z.channels(), weight, z.weight(lag), x, z.d());
        }
    }

    private void write(long t) {
        float norm = Lanes.get(inverse, t);
        if (weight == null) {
            DeltaRows.write(state, next, z.token(t), k, norm, scalars.push, z.d());
            DeltaRows.take(next, t * z.d(), x, z.d());
            return;
        }
        if (z.taps().taps() == 1) {
            Arrays.fill(x, 0);
        }
        StepRows.write(state, next, z.token(t), k, norm, scalars.push, weight, z.weight(0), x, z.d());
    }

    private void measure(long t) {
        Lanes.set(root, t, StepRows.inverseRms(x, (float) op.normEps(), z.d()));
    }

    private void normalise(long t) {
        StepRows.normalise(x, Lanes.get(root, t), scale, context, t * z.d(), z.d());
        if (compressed != null) {
            DeltaRows.give(x, 1, compressed, t * z.d(), z.d());
        }
    }
}
