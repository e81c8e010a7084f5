package org.deepdelta.ops.delta;

import org.deepdelta.ops.delta.Delta.Gates;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Tensor;

/**
 * What a token's rewrite has besides rows: values, gates and readouts, a few numbers each. In a call the value is input 2 and the gates come
 * behind it.
 */
public final class GateScalars {
    /** k'X_j, channel by channel, which {@link #push} starts from. */
    public final float[] read;

    /** What is written along k: w v_j - b k'X_j; also the factor of U_j in dk. */
    public final float[] push;

    /** k'U_j, which {@link #differentiate} starts from. */
    public final float[] along;

    /** The factor of X_j in dk and of k in dX_j. */
    public final float[] pull;

    private final Gates gates;
    private final Object value;
    private final Object erase;
    private final Object write;
    private final Object kept;
    private final Object dValue;
    private final Object dErase;
    private final Object dWrite;

    private GateScalars(Call c, Gates gates, Tensor reads, boolean backward) {
        int channels = (int) c.in(2).shape().axis(-1);
        this.gates = gates;
        read = new float[channels];
        push = new float[channels];
        along = new float[channels];
        pull = new float[channels];
        value = Lanes.of(c.in(2));
        erase = Lanes.of(c.in(3));
        write = Lanes.of(c.in(2 + gates.count()));
        kept = Lanes.of(reads);
        dValue = backward ? destination(c, 2) : null;
        dErase = backward ? destination(c, 3) : null;
        dWrite = backward && gates.count() > 1 ? destination(c, 4) : dErase;
    }

    /** For the forward pass of a call, which keeps what it reads in a tensor like the values. */
    public static GateScalars forward(Call c, Gates gates, Tensor reads) {
        return new GateScalars(c, gates, reads, false);
    }

    /** For the backward pass of a call; gradients that are not asked for go to memory that nobody reads. */
    public static GateScalars backward(Call c, Gates gates, Tensor reads) {
        return new GateScalars(c, gates, reads, true);
    }

    private static Object destination(Call c, int i) {
        return Lanes.of(
                c.wants(i)
                        ? c.gradient(i)
                        : c.temporary(DType.F32, c.in(i).shape().toArray()));
    }

    /** Fills in what token t writes, from what it has read, and keeps the latter. */
    public void push(long t) {
        for (int j = 0; j < read.length; j++) {
            Lanes.set(kept, t * read.length + j, read[j]);
        }
        write(t);
    }

    private void write(long t) {
        float b = Lanes.get(erase, t);
        float w = Lanes.get(write, t);
        for (int j = 0; j < push.length; j++) {
            float v = Lanes.get(value, t * push.length + j);
            push[j] = switch (gates) {
                case SHARED -> b * (v - read[j]);
                case SEPARATE -> w * v - b * read[j];
                case WRITE_ONLY -> w * v;
            };
        }
    }

    /** Fills in {@link #push} and {@link #pull} of token t and writes the gradients of its value and gates; returns k'dk. */
    public float differentiate(long t) {
        for (int j = 0; j < read.length; j++) {
            read[j] = Lanes.get(kept, t * read.length + j);
        }
        write(t);
        return switch (gates) {
            case SHARED -> shared(t);
            case SEPARATE -> separate(t);
            case WRITE_ONLY -> written(t);
        };
    }

    private float shared(long t) {
        float beta = Lanes.get(write, t);
        float dBeta = 0;
        float sum = 0;
        for (int j = 0; j < push.length; j++) {
            float v = Lanes.get(value, t * push.length + j);
            float e = v - read[j];
            dBeta += along[j] * e;
            sum += beta * along[j] * (2 * e - v);
            pull[j] = -beta * along[j];
            Lanes.set(dValue, t * push.length + j, beta * along[j]);
        }
        Lanes.set(dWrite, t, dBeta);
        return sum;
    }

    private float separate(long t) {
        float b = Lanes.get(erase, t);
        float w = Lanes.get(write, t);
        float dB = 0;
        float dW = 0;
        float sum = 0;
        for (int j = 0; j < push.length; j++) {
            dB -= along[j] * read[j];
            dW += along[j] * Lanes.get(value, t * push.length + j);
            sum += along[j] * (push[j] - b * read[j]);
            pull[j] = -b * along[j];
            Lanes.set(dValue, t * push.length + j, w * along[j]);
        }
        Lanes.set(dErase, t, dB);
        Lanes.set(dWrite, t, dW);
        return sum;
    }

    private float written(long t) {
        float w = Lanes.get(write, t);
        float dW = 0;
        float sum = 0;
        for (int j = 0; j < push.length; j++) {
            dW += along[j] * Lanes.get(value, t * push.length + j);
            sum += along[j] * push[j];
            Lanes.set(dValue, t * push.length + j, w * along[j]);
        }
        Lanes.set(dWrite, t, dW);
        return sum;
    }
}
