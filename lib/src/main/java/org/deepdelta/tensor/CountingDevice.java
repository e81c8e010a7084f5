package org.deepdelta.tensor;

import java.util.Map;
import java.util.TreeMap;

/**
 * A device that computes on another one and adds up {@link Op#flops} of what it runs: once for each forward pass of an operation, and
 * twice that for its backward pass, whatever of the gradients was asked for. Safe for use by several threads.
 */
public final class CountingDevice implements WatchingDevice {
    private final Device inner;
    private final Map<String, Double> forward = new TreeMap<>();
    private final Map<String, Double> backward = new TreeMap<>();

    /** Counts what runs on that device through this one; nothing so far. */
    public CountingDevice(Device inner) {
        this.inner = inner;
    }

    /** FLOPs of all forward passes so far. */
    public double forward() {
        return sum(forward);
    }

    /** FLOPs of all backward passes so far. */
    public double backward() {
        return sum(backward);
    }

    /** {@link #forward} by operation; operations that count nothing are not in it. */
    public Map<String, Double> forwardByOperation() {
        synchronized (this) {
            return new TreeMap<>(forward);
        }
    }

    /** Starts again from nothing. */
    public void clear() {
        synchronized (this) {
            forward.clear();
            backward.clear();
        }
    }

    private double sum(Map<String, Double> counts) {
        synchronized (this) {
            return counts.values().stream().mapToDouble(Double::doubleValue).sum();
        }
    }

    private void count(Map<String, Double> counts, Op op, double flops) {
        if (flops != 0) {
            synchronized (this) {
                counts.merge(op.name(), flops, Double::sum);
            }
        }
    }

    @Override
    public Choice kernel(Op op, Tensor... in) {
        Choice choice = inner.kernel(op, in);
        return new Choice(choice.name(), new Counted(op, choice.kernel()));
    }

    /** A kernel that counts its calls. */
    private final class Counted implements Kernel {
        private final Op op;
        private final Kernel kernel;

        Counted(Op op, Kernel kernel) {
            this.op = op;
            this.kernel = kernel;
        }

        @Override
        public void forward(Call c) {
            count(forward, op, op.flops(c.ins()));
            kernel.forward(c);
        }

        @Override
        public void backward(Call c) {
            count(backward, op, 2 * op.flops(c.ins()));
            kernel.backward(c);
        }
    }

    @Override
    public Device watched() {
        return inner;
    }

    @Override
    public String describe() {
        return inner.describe() + ", counted";
    }
}
