package org.deepdelta.ops.step;

import java.util.function.LongConsumer;
import org.deepdelta.ops.delta.DeltaRows;
import org.deepdelta.ops.delta.GateScalars;
import org.deepdelta.ops.step.RewriteStepKernel.Sizes;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Tensor;

/**
 * The backward pass of a call. The norm's part runs K - 1 tokens ahead and leaves dx in scratch rows, so that what later tokens read of a
 * token's state is known when it is rewritten; X' is made again from X, which is read anyway.
 */
final class StepBackward {
    private final Sizes z;
    private final Object state;
    private final Object direction;
    private final Object compressed;
    private final Object inverse;
    private final Object root;
    private final GateScalars scalars;
    private final Object uState;
    private final Object uCompressed;
    private final Object uContext;
    private final Object dState;
    private final boolean add;
    private final Object dDirection;
    private final float[] weight;
    private final float[] scale;
    private final float[] dWeight;
    private final float[] dScale;
    private final float[] x;
    private final float[] g;
    private final float[] dx; // of token t in row t mod K
    private final float[] u;
    private final float[] raw; // k~
    private final float[] k;
    private final float[] dk;
    private float mean;
    private float along;
    private final LongConsumer weigh = this::weigh;
    private final LongConsumer spread = this::spread;
    private final LongConsumer join = this::join;
    private final LongConsumer dots = this::dots;
    private final LongConsumer unit = this::unit;
    private final LongConsumer differentiate = this::differentiate;
    private final LongConsumer weights = this::weights;
    private final LongConsumer give = this::give;

    StepBackward(RewriteStep op, Sizes z, Call c) {
        this.z = z;
        state = Lanes.of(c.in(0));
        direction = Lanes.of(c.in(1));
        compressed = Lanes.of(c.out(z.compresses() ? 1 : 0));
        inverse = Lanes.of(c.saved(0));
        scalars = GateScalars.backward(c, op.gates(), c.saved(1));
        root = Lanes.of(c.saved(2));
        uState = Lanes.of(c.upstream(0));
        uCompressed = z.compresses() ? Lanes.of(c.upstream(1)) : uState;
        uContext = Lanes.of(c.upstream(z.compresses() ? 2 : 1));
        Call.Sum sum = c.wants(0) ? c.sum(0) : new Call.Sum(like(c, 0), false);
        dState = Lanes.of(sum.tensor());
        add = sum.add();
        dDirection = Lanes.of(c.wants(1) ? c.gradient(1) : like(c, 1));
        weight = z.compresses() ? z.rows(c.in(op.rewritten())) : new float[0];
        scale = z.rows(c.in(c.inputs() - 1));
        dWeight = new float[weight.length];
        dScale = new float[z.row()];
        x = new float[z.row()];
        g = new float[z.row()];
        dx = new float[z.taps().taps() * z.row()];
        u = z.compresses() ? new float[z.channels() * z.row()] : dx;
        raw = new float[z.row()];
        k = new float[z.row()];
        dk = new float[z.row()];
    }

    private static Tensor like(Call c, int i) {
        return c.temporary(DType.F32, c.in(i).shape().toArray());
    }

    /** dx of token t. */
    void norm(long t) {
        Lanes.row(t, weigh);
        Lanes.row(t, spread);
    }

    /** The rewrite of token t, whose readers' dx are there. */
    void token(long t) {
        if (z.compresses()) {
            Lanes.row(t, join);
        }
        Lanes.row(t, dots);
        along = scalars.differentiate(t);
        Lanes.row(t, unit);
        Lanes.row(t, differentiate);
        if (z.compresses()) {
            Lanes.row(t, weights);
        }
        Lanes.row(t, give);
    }

    private void weigh(long t) {
        mean = StepRows.weigh(compressed, uContext, t * z.d(), Lanes.get(root, t), scale, dScale, x, g, z.d());
    }

    private void spread(long t) {
        StepRows.spread(x, g, Lanes.get(root, t), mean, uCompressed, t * z.d(), dx, slot(t), z.d());
    }

    private int slot(long t) {
        return (int) (t % z.taps().taps()) * z.row();
    }

    /** U = what arrives at X', and what the readers give back. */
    private void join(long t) {
        int readers = z.taps().readers(t);
        if (readers == 1) {
            StepRows.join(uState, z.token(t), dx, slot(t), weight, z.weight(0), u, z.row(), z.d());
            return;
        }
        for (int lag = 0; lag < readers; lag++) {
            StepRows.collect(dx, slot(t + lag), weight, z.weight(lag), lag > 0, u, z.row(), z.d());
        }
        StepRows.join(uState, z.token(t), u, z.row(), z.d());
    }

    private void dots(long t) {
        DeltaRows.take(direction, t * z.d(), raw, z.d());
        DeltaRows.dots(raw, u, z.d(), Lanes.get(inverse, t), scalars.along);
    }

    private void unit(long t) {
        DeltaRows.unit(raw, Lanes.get(inverse, t), along, k, dk, z.d());
    }

    private void differentiate(long t) {
        DeltaRows.differentiate(state, dState, z.token(t), add, u, k, dk, scalars.push, scalars.pull, z.d());
    }

    /** dW += X' dx for every reader. */
    private void weights(long t) {
        StepRows.again(state, z.token(t), raw, Lanes.get(inverse, t), scalars.push, u, z.row(), z.d());
        for (int lag = 0; lag < z.taps().readers(t); lag++) {
            StepRows.weigh(u, dx, slot(t + lag), dWeight, z.weight(lag), z.row(), z.d());
        }
    }

    private void give(long t) {
        DeltaRows.give(dk, Lanes.get(inverse, t), dDirection, t * z.d(), z.d());
    }

    /** Writes the gradients of the weights. */
    void finish(Call c) {
        if (z.compresses()) {
            put(c, c.inputs() - 2, dWeight);
        }
        put(c, c.inputs() - 1, dScale);
    }

    private void put(Call c, int input, float[] rows) {
        if (c.wants(input)) {
            Call.Sum sum = c.sum(input);
            Object to = Lanes.of(sum.tensor());
            int row = z.row();
            Lanes.rows(rows.length / row, p -> Lanes.putRow(rows, (int) p * row, to, p * z.d(), z.d(), sum.add()));
        }
    }
}
