package org.deepdelta.ops.delta;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Tensor;

/**
 * One token at a time on a channel-major state: channel j of a token is d consecutive floats. Forward keeps 1 / |k~| (guarded) and e; from
 * them the backward pass needs one sum a channel, p = k'U, for k'X = v - e makes k'dk = beta sum_j p_j (2 e_j - v_j), and everything else
 * is written in a second pass.
 */
record DeltaKernel(double eps) implements Kernel {

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
        Object value = Lanes.of(c.in(2));
        Object gate = Lanes.of(c.in(3));
        Object next = Lanes.of(c.out(0));
        Tensor inverses = c.temporary(DType.F32, tokens);
        Tensor errors = c.temporary(DType.F32, tokens, channels);
        c.save(inverses, errors);
        Object inverse = Lanes.of(inverses);
        Object error = Lanes.of(errors);
        float guard = (float) (eps * eps);
        Lanes.rows(tokens, t -> {
            float norm = (float) (1 / Math.sqrt(dot(direction, t * d, direction, t * d, d) + guard));
            Lanes.set(inverse, t, norm);
        });
        Lanes.rows(tokens * channels, at -> {
            long t = at / channels;
            float norm = Lanes.get(inverse, t);
            float e = Lanes.get(value, at) - norm * dot(direction, t * d, state, at * d, d);
            Lanes.set(error, at, e);
            write(state, direction, next, at * d, t * d, d, Lanes.get(gate, t) * e * norm);
        });
    }

    private static float dot(Object a, long atA, Object b, long atB, int n) {
        FloatVector even = Lanes.zero();
        FloatVector odd = Lanes.zero();
        int i = 0;
        for (; i + 2 * Lanes.WIDTH <= n; i += 2 * Lanes.WIDTH) {
            even = Lanes.load(a, atA + i).fma(Lanes.load(b, atB + i), even);
            odd = Lanes.load(a, atA + i + Lanes.WIDTH).fma(Lanes.load(b, atB + i + Lanes.WIDTH), odd);
        }
        for (; i < n; i += Lanes.WIDTH) {
            even = Lanes.load(a, atA + i, n - i).fma(Lanes.load(b, atB + i, n - i), even);
        }
        return Lanes.sum(even.add(odd));
    }

    /** X' = X + step k~. */
    private static void write(Object state, Object direction, Object next, long x, long k, int d, float step) {
        FloatVector s = Lanes.all(step);
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector old = Lanes.load(state, x + i, d - i);
            Lanes.store(next, x + i, Lanes.load(direction, k + i, d - i).fma(s, old), d - i);
        }
    }

    @Override
    public void backward(Call c) {
        int d = (int) c.in(1).shape().axis(-1);
        int channels = (int) c.in(2).shape().axis(-1);
        long tokens = c.in(1).shape().rows();
        Gradients g = new Gradients(c);
        Object direction = Lanes.of(c.in(1));
        Object value = Lanes.of(c.in(2));
        Object gate = Lanes.of(c.in(3));
        Object inverse = Lanes.of(c.saved(0));
        Object error = Lanes.of(c.saved(1));
        Object u = Lanes.of(c.upstream(0));
        Object state = Lanes.of(c.in(0));
        float[] p = new float[channels];
        float[] e = new float[channels];
        Lanes.rows(tokens, t -> {
            float norm = Lanes.get(inverse, t);
            float beta = Lanes.get(gate, t);
            float dBeta = 0;
            float along = 0; // k'dk
            for (int j = 0; j < channels; j++) {
                long at = t * channels + j;
                p[j] = norm * dot(direction, t * d, u, at * d, d);
                e[j] = Lanes.get(error, at);
                dBeta += p[j] * e[j];
                along += beta * p[j] * (2 * e[j] - Lanes.get(value, at));
                Lanes.set(g.value, at, beta * p[j]);
            }
            Lanes.set(g.gate, t, dBeta);
            differentiate(state, direction, u, g.state, g.addState, g.direction, t, d, p, e, beta, norm, along);
        });
    }

    /** dX_j = U_j - beta p_j k and dk~ = (beta sum_j (U_j e_j - X_j p_j) - k k'dk) / |k~|. */
    private static void differentiate(
            Object state,
            Object direction,
            Object u,
            Object dState,
            boolean addState,
            Object dDirection,
            long t,
            int d,
            float[] p,
            float[] e,
            float beta,
            float norm,
            float along) {
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            FloatVector k = Lanes.load(direction, t * d + i, d - i).mul(norm);
            FloatVector dk = k.mul(-along);
            for (int j = 0; j < p.length; j++) {
                long at = (t * p.length + j) * d + i;
                FloatVector uj = Lanes.load(u, at, d - i);
                dk = uj.fma(Lanes.all(beta * e[j]), dk);
                dk = Lanes.load(state, at, d - i).fma(Lanes.all(-beta * p[j]), dk);
                Lanes.put(dState, at, k.fma(Lanes.all(-beta * p[j]), uj), d - i, addState);
            }
            Lanes.store(dDirection, t * d + i, dk.mul(norm), d - i);
        }
    }

    /** Where the four gradients go; those not asked for go to memory that nobody reads. */
    private static final class Gradients {
        final Object state;
        final boolean addState;
        final Object direction;
        final Object value;
        final Object gate;

        Gradients(Call c) {
            Call.Sum sum = c.wants(0) ? c.sum(0) : new Call.Sum(like(c, 0), false);
            state = Lanes.of(sum.tensor());
            addState = sum.add();
            direction = Lanes.of(c.wants(1) ? c.gradient(1) : like(c, 1));
            value = Lanes.of(c.wants(2) ? c.gradient(2) : like(c, 2));
            gate = Lanes.of(c.wants(3) ? c.gradient(3) : like(c, 3));
        }

        private static Tensor like(Call c, int i) {
            return c.temporary(DType.F32, c.in(i).shape().toArray());
        }
    }
}
