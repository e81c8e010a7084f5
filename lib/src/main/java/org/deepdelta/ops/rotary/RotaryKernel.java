package org.deepdelta.ops.rotary;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Tensor;

/** One head of one token at a time: rotated into a scratch row, then normalised from there. Keeps 1 / rms of every normalised head. */
record RotaryKernel(Rotary op) implements Kernel {

    @Override
    public void forward(Call c) {
        Heads s = new Heads(op, c);
        Object x = Lanes.of(c.in(0));
        Object y = Lanes.of(c.out(0));
        Object[] weights = weights(c);
        Tensor inverses = c.temporary(DType.F32, s.tokens, s.turned);
        c.save(inverses);
        Object inverse = Lanes.of(inverses);
        float[] z = new float[s.scratch];
        Lanes.rows(s.tokens, token -> {
            int angle = s.angle(token);
            for (int head = 0; head < s.turned; head++) {
                long at = (token * s.heads + head) * s.width;
                float squares = rotate(x, at, s.half, s.width, s.cos, s.sin, angle, z);
                Object weight = weights[head < op.queries() ? 0 : 1];
                float r = weight == null ? 1 : (float) (1 / Math.sqrt(squares / s.width + op.eps()));
                Lanes.set(inverse, token * s.turned + head, r);
                scale(z, r, weight, y, at, s.width);
            }
            copy(x, y, (token * s.heads + s.turned) * s.width, (s.heads - s.turned) * s.width);
        });
    }

    /** The rotated head goes to z, whose end beyond the head is zeroed; returns the sum of squares. */
    private static float rotate(
            Object x, long at, int half, int width, float[] cos, float[] sin, int angle, float[] z) {
        FloatVector squares = Lanes.zero();
        for (int i = 0; i < half; i += Lanes.WIDTH) {
            first(x, at, half, cos, sin, angle, i).intoArray(z, i);
        }
        for (int i = 0; i < half; i += Lanes.WIDTH) {
            second(x, at, half, cos, sin, angle, i).intoArray(z, half + i);
        }
        for (int i = 2 * half; i < width; i += Lanes.WIDTH) {
            Lanes.load(x, at + i, width - i).intoArray(z, i);
        }
        for (int i = 0; i < width; i += Lanes.WIDTH) {
            FloatVector v = FloatVector.fromArray(Lanes.SPECIES, z, i);
            squares = v.fma(v, squares);
        }
        return Lanes.sum(squares);
    }

    private static FloatVector first(Object x, long at, int half, float[] cos, float[] sin, int angle, int i) {
        FloatVector a = Lanes.load(x, at + i, half - i);
        FloatVector b = Lanes.load(x, at + half + i, half - i);
        return a.mul(FloatVector.fromArray(Lanes.SPECIES, cos, angle + i))
                .sub(b.mul(FloatVector.fromArray(Lanes.SPECIES, sin, angle + i)));
    }

    private static FloatVector second(Object x, long at, int half, float[] cos, float[] sin, int angle, int i) {
        FloatVector a = Lanes.load(x, at + i, half - i);
        FloatVector b = Lanes.load(x, at + half + i, half - i);
        return a.mul(FloatVector.fromArray(Lanes.SPECIES, sin, angle + i))
                .add(b.mul(FloatVector.fromArray(Lanes.SPECIES, cos, angle + i)));
    }

    private static void scale(float[] z, float r, Object weight, Object y, long at, int width) {
        for (int i = 0; i < width; i += Lanes.WIDTH) {
            FloatVector n = FloatVector.fromArray(Lanes.SPECIES, z, i).mul(r);
            FloatVector v = weight == null ? n : n.mul(Lanes.load(weight, i, width - i));
            Lanes.store(y, at + i, v, width - i);
        }
    }

    private static void copy(Object from, Object to, long at, int count) {
        for (int i = 0; i < count; i += Lanes.WIDTH) {
            Lanes.store(to, at + i, Lanes.load(from, at + i, count - i), count - i);
        }
    }

    @Override
    public void backward(Call c) {
        Heads s = new Heads(op, c);
        Object x = Lanes.of(c.in(0));
        Object u = Lanes.of(c.upstream(0));
        Object dx = Lanes.of(
                c.wants(0)
                        ? c.gradient(0)
                        : c.temporary(DType.F32, c.in(0).shape().toArray()));
        Object[] weights = weights(c);
        Object inverse = Lanes.of(c.saved(0));
        float[] z = new float[s.scratch];
        float[] g = new float[s.scratch];
        float[][] dw = new float[2][s.scratch];
        Lanes.rows(s.tokens, token -> {
            int angle = s.angle(token);
            for (int head = 0; head < s.turned; head++) {
                long at = (token * s.heads + head) * s.width;
                int part = head < op.queries() ? 0 : 1;
                if (weights[part] == null) {
                    take(u, at, g, s.width);
                } else {
                    rotate(x, at, s.half, s.width, s.cos, s.sin, angle, z);
                    float r = Lanes.get(inverse, token * s.turned + head);
                    throughNorm(z, u, at, weights[part], r, dw[part], g, s.width);
                }
                rotateBack(g, s.half, s.width, s.cos, s.sin, angle, dx, at);
            }
            copy(u, dx, (token * s.heads + s.turned) * s.width, (s.heads - s.turned) * s.width);
        });
        for (int part = 0; part < 2; part++) {
            if (weights[part] != null && c.wants(1 + part)) {
                Call.Sum sum = c.sum(1 + part);
                Object to = Lanes.of(sum.tensor());
                for (int i = 0; i < s.width; i += Lanes.WIDTH) {
                    FloatVector v = FloatVector.fromArray(Lanes.SPECIES, dw[part], i);
                    Lanes.put(to, i, v, s.width - i, sum.add());
                }
            }
        }
    }

    private static void take(Object u, long at, float[] g, int width) {
        for (int i = 0; i < width; i += Lanes.WIDTH) {
            Lanes.load(u, at + i, width - i).intoArray(g, i);
        }
    }

    /** With n = r z: dw += u n and g = r (u w - n mean(u w n)). */
    private static void throughNorm(
            float[] z, Object u, long at, Object weight, float r, float[] dw, float[] g, int width) {
        FloatVector products = Lanes.zero();
        for (int i = 0; i < width; i += Lanes.WIDTH) {
            FloatVector un = Lanes.load(u, at + i, width - i)
                    .mul(FloatVector.fromArray(Lanes.SPECIES, z, i).mul(r));
            FloatVector.fromArray(Lanes.SPECIES, dw, i).add(un).intoArray(dw, i);
            products = un.fma(Lanes.load(weight, i, width - i), products);
        }
        FloatVector slope = Lanes.all(-Lanes.sum(products) / width * r * r);
        for (int i = 0; i < width; i += Lanes.WIDTH) {
            FloatVector uw = Lanes.load(u, at + i, width - i).mul(Lanes.load(weight, i, width - i));
            FloatVector.fromArray(Lanes.SPECIES, z, i).fma(slope, uw.mul(r)).intoArray(g, i);
        }
    }

    /** By the opposite angle. */
    private static void rotateBack(
            float[] g, int half, int width, float[] cos, float[] sin, int angle, Object dx, long at) {
        for (int i = 0; i < half; i += Lanes.WIDTH) {
            FloatVector a = FloatVector.fromArray(Lanes.SPECIES, g, i);
            FloatVector b = FloatVector.fromArray(Lanes.SPECIES, g, half + i);
            FloatVector cs = FloatVector.fromArray(Lanes.SPECIES, cos, angle + i);
            FloatVector sn = FloatVector.fromArray(Lanes.SPECIES, sin, angle + i);
            Lanes.store(dx, at + i, a.mul(cs).add(b.mul(sn)), half - i);
            Lanes.store(dx, at + half + i, b.mul(cs).sub(a.mul(sn)), half - i);
        }
        for (int i = 2 * half; i < width; i += Lanes.WIDTH) {
            Lanes.store(dx, at + i, FloatVector.fromArray(Lanes.SPECIES, g, i), width - i);
        }
    }

    private static Object[] weights(Call c) {
        return c.inputs() > 1 ? new Object[] {Lanes.of(c.in(1)), Lanes.of(c.in(2))} : new Object[2];
    }

    /** The sizes of a call and the angles that it needs. */
    private static final class Heads {
        final long tokens;
        final long length;
        final int heads;
        final int turned;
        final int width;
        final int half;
        final int scratch;
        final float[] cos;
        final float[] sin;
        private final int stride;
        private final int position;

        Heads(Rotary op, Call c) {
            tokens = c.in(0).shape().axis(0) * c.in(0).shape().axis(1);
            length = c.in(0).shape().axis(1);
            heads = (int) c.in(0).shape().axis(2);
            width = (int) c.in(0).shape().axis(3);
            turned = op.queries() + op.keys();
            half = op.rotated(width) / 2;
            scratch = Lanes.padded(width) + 2 * Lanes.WIDTH;
            position = op.position();
            Angles angles = Angles.of(c.device(), op, width, (int) (position + length));
            cos = angles.cos();
            sin = angles.sin();
            stride = angles.stride();
        }

        int angle(long token) {
            return (int) (position + token % length) * stride;
        }
    }
}
