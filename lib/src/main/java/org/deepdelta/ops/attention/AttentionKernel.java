package org.deepdelta.ops.attention;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Blas;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Elementary;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Matrix;
import org.deepdelta.tensor.Tensor;

/**
 * A block of query rows of one head at a time, against the keys up to the block's end: the scores never leave the cache. Forward keeps
 * the logarithm of every row's sum; the backward pass makes the probabilities again from it.
 */
record AttentionKernel(int heads) implements Kernel {
    private static final int BLOCK = 64;

    @Override
    public void forward(Call c) {
        Sizes s = new Sizes(c, heads);
        Tensor scores = c.temporary(DType.F32, s.block, s.stride);
        Tensor sums = c.temporary(DType.F32, s.batch, heads, s.length);
        c.save(sums);
        Tensor kv = c.in(c.inputs() - 1);
        Object score = Lanes.of(scores);
        Object sum = Lanes.of(sums);
        for (long sequence = 0; sequence < s.batch; sequence++) {
            for (int head = 0; head < heads; head++) {
                for (int from = 0; from < s.length; from += BLOCK) {
                    int rows = Math.min(BLOCK, s.length - from);
                    int keys = s.past + from + rows;
                    Matrix p = Matrix.of(scores, 0, rows, keys, s.stride);
                    Matrix q = s.part(c.in(0), sequence, head, from, rows);
                    Matrix k = s.part(kv, sequence, s.firstKey + head, 0, keys);
                    Matrix v = s.part(kv, sequence, s.firstKey + heads + head, 0, keys);
                    Blas.multiply(s.scale, q, k.transpose(), 0, p);
                    int first = s.past + from + 1;
                    long at = (sequence * heads + head) * s.length + from;
                    Lanes.rows(rows, row -> hide(score, row * s.stride, (int) (first + row), keys));
                    Lanes.rows(rows, row -> {
                        float max = max(score, row * s.stride, (int) (first + row));
                        Lanes.set(sum, at + row, max);
                    });
                    Lanes.rows(rows, row -> {
                        float max = Lanes.get(sum, at + row);
                        float total = exp(score, row * s.stride, (int) (first + row), max);
                        Lanes.set(sum, at + row, (float) (max + StrictMath.log(total)));
                        scale(score, row * s.stride, (int) (first + row), 1 / total);
                    });
                    Blas.multiply(1, p, v, 0, s.part(c.out(0), sequence, head, from, rows));
                }
            }
        }
    }

    private static float max(Object row, long at, int n) {
        FloatVector largest = Lanes.load(row, at);
        for (int i = Lanes.WIDTH; i < n; i += Lanes.WIDTH) {
            largest = largest.max(Lanes.load(row, at + i));
        }
        return Lanes.max(largest);
    }

    /** e^(x - less) in place; returns the sum. */
    private static float exp(Object row, long at, int n, float less) {
        FloatVector sums = Lanes.zero();
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector e = Elementary.exp(Lanes.load(row, at + i).sub(less));
            Lanes.store(row, at + i, e);
            sums = sums.add(e);
        }
        return Lanes.sum(sums);
    }

    private static void scale(Object row, long at, int n, float factor) {
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            Lanes.store(row, at + i, Lanes.load(row, at + i).mul(factor));
        }
    }

    /** Minus infinity behind what is seen, to the end of the last vector that is, and zeros behind that. */
    private static void hide(Object score, long at, int seen, int keys) {
        int whole = Lanes.padded(seen);
        for (int i = seen; i < whole; i++) {
            Lanes.set(score, at + i, Float.NEGATIVE_INFINITY);
        }
        for (int i = whole; i < keys; i += Lanes.WIDTH) {
            Lanes.store(score, at + i, Lanes.zero());
        }
    }

    @Override
    public void backward(Call c) {
        Sizes s = new Sizes(c, heads);
        Tensor kv = c.in(c.inputs() - 1);
        Tensor dq = gradient(c, 0);
        Tensor dkv = c.inputs() == 1 ? dq : gradient(c, 1);
        Tensor scores = c.temporary(DType.F32, s.block, s.stride);
        Tensor slopes = c.temporary(DType.F32, s.block, s.stride);
        Object score = Lanes.of(scores);
        Object slope = Lanes.of(slopes);
        Object sum = Lanes.of(c.saved(0));
        Object y = Lanes.of(c.out(0));
        Object u = Lanes.of(c.upstream(0));
        for (long sequence = 0; sequence < s.batch; sequence++) {
            for (int head = 0; head < heads; head++) {
                boolean first = true;
                // From the last block down: it reaches all keys, so that it writes what the others add to.
                for (int from = (s.length - 1) / BLOCK * BLOCK; from >= 0; from -= BLOCK) {
                    int rows = Math.min(BLOCK, s.length - from);
                    int keys = s.past + from + rows;
                    Matrix p = Matrix.of(scores, 0, rows, keys, s.stride);
                    Matrix ds = Matrix.of(slopes, 0, rows, keys, s.stride);
                    Matrix q = s.part(c.in(0), sequence, head, from, rows);
                    Matrix k = s.part(kv, sequence, s.firstKey + head, 0, keys);
                    Matrix v = s.part(kv, sequence, s.firstKey + heads + head, 0, keys);
                    Matrix up = s.part(c.upstream(0), sequence, head, from, rows);
                    Blas.multiply(s.scale, q, k.transpose(), 0, p);
                    Blas.multiply(1, up, v.transpose(), 0, ds);
                    int seen = s.past + from + 1;
                    long logs = (sequence * heads + head) * s.length + from;
                    long tokens = ((sequence * s.length + from) * heads + head) * s.width;
                    Lanes.rows(rows, row -> hide(score, row * s.stride, (int) (seen + row), keys));
                    Lanes.rows(rows, row -> exp(score, row * s.stride, (int) (seen + row), Lanes.get(sum, logs + row)));
                    Lanes.rows(rows, row -> {
                        float along = dot(y, u, tokens + row * heads * s.width, s.width);
                        slopes(score, slope, row * s.stride, keys, along, s.scale);
                    });
                    double add = first ? 0 : 1;
                    Matrix dk = s.part(dkv, sequence, s.firstKey + head, 0, keys);
                    Matrix dv = s.part(dkv, sequence, s.firstKey + heads + head, 0, keys);
                    Blas.multiply(1, p.transpose(), up, add, dv);
                    Blas.multiply(1, ds.transpose(), q, add, dk);
                    Blas.multiply(1, ds, k, 0, s.part(dq, sequence, head, from, rows));
                    first = false;
                }
            }
        }
    }

    /** Where an input's gradient goes; memory that nobody reads if it is not asked for. */
    private static Tensor gradient(Call c, int i) {
        return c.wants(i)
                ? c.gradient(i)
                : c.temporary(DType.F32, c.in(i).shape().toArray());
    }

    private static float dot(Object a, Object b, long at, int n) {
        FloatVector sum = Lanes.zero();
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            sum = Lanes.load(a, at + i, n - i).fma(Lanes.load(b, at + i, n - i), sum);
        }
        return Lanes.sum(sum);
    }

    /** dS = scale P (dP - along) over dP; zero where P is. */
    private static void slopes(Object score, Object slope, long at, int keys, float along, float scale) {
        for (int i = 0; i < keys; i += Lanes.WIDTH) {
            FloatVector d = Lanes.load(slope, at + i).sub(along).mul(scale);
            Lanes.store(slope, at + i, Lanes.load(score, at + i).mul(d));
        }
    }

    /** The sizes of a call: so many queries, which the past's keys precede. */
    private static final class Sizes {
        final long batch;
        final int length;
        final int past;
        final int firstKey;
        final int width;
        final int block;
        final int stride;
        final float scale;

        Sizes(Call c, int heads) {
            int keys = (int) c.in(c.inputs() - 1).shape().axis(1);
            batch = c.in(0).shape().axis(0);
            length = (int) c.in(0).shape().axis(1);
            past = keys - length;
            firstKey = c.inputs() == 1 ? heads : 0;
            width = (int) c.in(0).shape().axis(3);
            block = Math.min(BLOCK, length);
            stride = Lanes.padded(keys);
            scale = (float) (1 / Math.sqrt(width));
        }

        /** Tokens of one head of one sequence, [count, h]. */
        Matrix part(Tensor x, long sequence, int head, int from, int count) {
            long row = x.shape().axis(2) * width;
            return Matrix.of(x, (sequence * x.shape().axis(1) + from) * row + (long) head * width, count, width, row);
        }
    }
}
