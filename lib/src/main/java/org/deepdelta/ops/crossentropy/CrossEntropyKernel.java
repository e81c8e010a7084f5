package org.deepdelta.ops.crossentropy;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Elementary;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Tensor;

/** A row at a time; keeps a row's largest logit and sum of exponentials. The loss is summed in double, row after row. */
record CrossEntropyKernel(double count) implements Kernel {

    @Override
    public void forward(Call c) {
        int classes = (int) c.in(0).shape().axis(-1);
        long rows = c.in(0).shape().rows();
        Object logits = Lanes.of(c.in(0));
        Object targets = Lanes.of(c.in(1));
        Tensor saved = c.temporary(DType.F32, rows, 2);
        c.save(saved);
        Object keep = Lanes.of(saved);
        check(targets, rows, classes);
        Lanes.rows(rows, row -> Lanes.set(keep, 2 * row, max(logits, row * classes, classes)));
        Lanes.rows(rows, row -> {
            float sum = sum(logits, row * classes, classes, Lanes.get(keep, 2 * row));
            Lanes.set(keep, 2 * row + 1, sum);
        });
        double loss = 0;
        for (long row = 0; row < rows; row++) {
            int target = Lanes.getInt(targets, row);
            if (target != CrossEntropy.IGNORE) {
                double log = StrictMath.log(Lanes.get(keep, 2 * row + 1)) + Lanes.get(keep, 2 * row);
                loss += log - Lanes.get(logits, row * classes + target);
            }
        }
        Lanes.set(Lanes.of(c.out(0)), 0, (float) (loss / count));
    }

    private static void check(Object targets, long rows, int classes) {
        for (long row = 0; row < rows; row++) {
            int target = Lanes.getInt(targets, row);
            if (target != CrossEntropy.IGNORE && (target < 0 || target >= classes)) {
                throw CrossEntropy.outside(row, target, classes);
            }
        }
    }

    private static float max(Object logits, long at, int n) {
        FloatVector largest = Lanes.all(Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i + Lanes.WIDTH <= n; i += Lanes.WIDTH) {
            largest = largest.max(Lanes.load(logits, at + i));
        }
        float max = Lanes.max(largest);
        for (; i < n; i++) {
            max = Math.max(max, Lanes.get(logits, at + i));
        }
        return max;
    }

    private static float sum(Object logits, long at, int n, float max) {
        FloatVector sums = Lanes.zero();
        int i = 0;
        for (; i + Lanes.WIDTH <= n; i += Lanes.WIDTH) {
            sums = sums.add(Elementary.exp(Lanes.load(logits, at + i).sub(max)));
        }
        float sum = Lanes.sum(sums);
        if (i < n) {
            FloatVector end = Elementary.exp(Lanes.load(logits, at + i, n - i).sub(max));
            for (int j = 0; j < n - i; j++) {
                sum += end.lane(j);
            }
        }
        return sum;
    }

    @Override
    public void backward(Call c) {
        int classes = (int) c.in(0).shape().axis(-1);
        long rows = c.in(0).shape().rows();
        Object logits = Lanes.of(c.in(0));
        Object targets = Lanes.of(c.in(1));
        Object keep = Lanes.of(c.saved(0));
        Object gradient = Lanes.of(c.gradient(0));
        float weight = (float) (Lanes.get(Lanes.of(c.upstream(0)), 0) / count);
        Lanes.rows(rows, row -> {
            int target = Lanes.getInt(targets, row);
            long at = row * classes;
            if (target == CrossEntropy.IGNORE) {
                clear(gradient, at, classes);
            } else {
                float max = Lanes.get(keep, 2 * row);
                probabilities(logits, gradient, at, classes, max, weight / Lanes.get(keep, 2 * row + 1));
                Lanes.set(gradient, at + target, Lanes.get(gradient, at + target) - weight);
            }
        });
    }

    private static void clear(Object gradient, long at, int n) {
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            Lanes.store(gradient, at + i, Lanes.zero(), n - i);
        }
    }

    private static void probabilities(Object logits, Object gradient, long at, int n, float max, float factor) {
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector e = Elementary.exp(Lanes.load(logits, at + i, n - i).sub(max));
            Lanes.store(gradient, at + i, e.mul(factor), n - i);
        }
    }
}
