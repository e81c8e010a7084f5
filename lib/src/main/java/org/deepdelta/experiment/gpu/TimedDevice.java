package org.deepdelta.experiment.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.WatchingDevice;

/**
 * A device that computes on another one, waits after everything it does, and notes how long that took. What it tells is how a step's time
 * divides, not how long a step takes: waiting keeps a GPU from working ahead. For one thread.
 */
final class TimedDevice implements WatchingDevice {
    private final Device inner;
    private final Runnable wait;
    private final Map<String, Timing> timings = new TreeMap<>();

    /**
     * What was noted of one pass of an operation.
     *
     * @param nanos of each time
     * @param bytes of the last time that cannot be done without: every input, upstream gradient, output and gradient moved once
     */
    record Timing(List<Long> nanos, long bytes) {

        /** All together, in milliseconds. */
        double total() {
            return nanos.stream().mapToLong(Long::longValue).sum() / 1e6;
        }

        /** The median, in seconds. */
        double median() {
            return nanos.stream().sorted().skip(nanos.size() / 2).findFirst().orElse(0L) / 1e9;
        }
    }

    TimedDevice(Device inner, Runnable wait) {
        this.inner = inner;
        this.wait = wait;
    }

    /** By operation and pass, such as {@code delta backward}. */
    Map<String, Timing> timings() {
        return timings;
    }

    /** Starts again from nothing. */
    void clear() {
        timings.clear();
    }

    private void time(String what, long bytes, Runnable work) {
        wait.run();
        long start = System.nanoTime();
        work.run();
        wait.run();
        long nanos = System.nanoTime() - start;
        Timing before = timings.get(what);
        List<Long> all = before == null ? new ArrayList<>() : before.nanos;
        all.add(nanos);
        timings.put(what, new Timing(all, bytes));
    }

    @Override
    public Choice kernel(Op op, Tensor... in) {
        Choice choice = inner.kernel(op, in);
        return new Choice(choice.name(), new Timed(op.name(), choice.kernel()));
    }

    /** A kernel whose passes are timed. */
    private final class Timed implements Kernel {
        private final String name;
        private final Kernel kernel;

        Timed(String name, Kernel kernel) {
            this.name = name;
            this.kernel = kernel;
        }

        @Override
        public void forward(Call c) {
            time(name + " forward", inputs(c) + outputs(c), () -> kernel.forward(c));
        }

        @Override
        public void backward(Call c) {
            long gradients = 0;
            for (int i = 0; i < c.inputs(); i++) {
                gradients += c.wants(i) ? c.in(i).size() * c.gradientType(i).bytes() : 0;
            }
            time(name + " backward", inputs(c) + outputs(c) + gradients, () -> kernel.backward(c));
        }

        private static long inputs(Call c) {
            long bytes = 0;
            for (int i = 0; i < c.inputs(); i++) {
                bytes += c.in(i).spec().bytes();
            }
            return bytes;
        }

        private static long outputs(Call c) {
            long bytes = 0;
            for (int i = 0; i < c.outputs(); i++) {
                bytes += c.out(i).spec().bytes();
            }
            return bytes;
        }
    }

    @Override
    public Device watched() {
        return inner;
    }

    @Override
    public String describe() {
        return inner.describe() + ", timed";
    }

    @Override
    public void fill(Tensor tensor, double value) {
        time("fill", tensor.spec().bytes(), () -> inner.fill(tensor, value));
    }

    @Override
    public void copy(Tensor from, Tensor to) {
        time("copy", from.spec().bytes() + to.spec().bytes(), () -> inner.copy(from, to));
    }

    @Override
    public void add(Tensor from, Tensor into) {
        time("add", from.spec().bytes() + 2 * into.spec().bytes(), () -> inner.add(from, into));
    }
}
