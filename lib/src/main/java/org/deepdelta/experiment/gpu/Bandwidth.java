package org.deepdelta.experiment.gpu;

import java.util.ArrayList;
import java.util.List;
import org.deepdelta.ops.compress.Compress;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.ops.step.RewriteStep;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * The two ceilings of a GPU, measured: bytes a second of a large copy (read and written) and operations a second of a large matrix product;
 * and beside the copy the operations on the expanded state, in bytes that they cannot do without: every input, upstream gradient, output
 * and gradient once.
 */
final class Bandwidth {
    private static final int WARMUP = 5;
    private static final int CHUNK = 1 << 20;

    private final Device device;
    private final TimedDevice timed;
    private final DType type;
    private final int repeats;

    /**
     * What was measured of an operation's pass.
     *
     * @param what the operation, and which pass
     * @param seconds of the median run
     * @param bytes that cannot be done without
     */
    record Found(String what, double seconds, long bytes) {

        /** Bytes a second. */
        double rate() {
            return bytes / seconds;
        }
    }

    Bandwidth(Device device, Runnable wait, DType type, int repeats) {
        this.device = device;
        this.timed = new TimedDevice(device, wait);
        this.type = type;
        this.repeats = repeats;
    }

    /** A copy of that many bytes. */
    Found copy(long bytes) {
        Tensor from = uniform(Spec.of(DType.F32, Shape.of(bytes / DType.F32.bytes())), 1);
        Tensor to = device.allocate(from.spec());
        timed.clear();
        for (int i = 0; i < WARMUP + repeats; i++) {
            timed.copy(from, to);
        }
        Found found = found("copy", "copy");
        from.memory().close();
        to.memory().close();
        return found;
    }

    /** Operations a second of a product of two n x n matrices. */
    double product(int n) {
        Tensor a = uniform(Spec.of(type, Shape.of(n, n)), 2);
        Arena arena = device.arena();
        timed.clear();
        for (int i = 0; i < WARMUP + repeats; i++) {
            arena.reset();
            Tape.evaluating(timed, arena).matmul(a, a);
        }
        double seconds = timed.timings().get("matmul forward").median();
        arena.close();
        a.memory().close();
        return 2.0 * n * n * n / seconds;
    }

    /** The rewrite, CC and TC, and the fused step with CC, on a state {@code [B, T, d, dv]}. */
    List<Found> operations(int rows, int length, int d, int dv) {
        List<Found> found = new ArrayList<>();
        Spec state = new Spec(type, Shape.of(rows, length, d, dv), true);
        Spec k = Spec.of(type, Shape.of(rows, length, d));
        Spec v = Spec.of(type, Shape.of(rows, length, dv));
        Spec gate = Spec.of(type, Shape.of(rows, length, 1));
        Spec cc = Spec.of(type, Shape.of(1, dv, d));
        found.addAll(measure("rewrite", new Delta(1e-5), state, k, v, gate));
        found.addAll(measure("compress CC", new Compress(), state, cc));
        found.addAll(measure("compress TC", new Compress(), state, Spec.of(type, Shape.of(4, dv, d))));
        Spec norm = Spec.of(type, Shape.of(d));
        Op fused = new RewriteStep(1e-5, Delta.Gates.SHARED, 1e-5);
        found.addAll(measure("rewrite, compress CC, norm", fused, state, k, v, gate, cc, norm));
        return found;
    }

    private List<Found> measure(String name, Op op, Spec... specs) {
        Tensor[] in = new Tensor[specs.length];
        for (int i = 0; i < in.length; i++) {
            in[i] = uniform(specs[i], i);
        }
        Tensor upstream = uniform(op.outputs(in)[0], in.length);
        Arena arena = device.arena();
        timed.clear();
        for (int i = 0; i < WARMUP + repeats; i++) {
            arena.reset();
            Tape t = Tape.recording(timed, arena);
            for (Tensor tensor : in) {
                t.variable(tensor);
            }
            t.backward(t.applyAll(op, in)[0], upstream);
        }
        List<Found> found = List.of(
                found(name + " forward", op.name() + " forward"), found(name + " backward", op.name() + " backward"));
        arena.close();
        upstream.memory().close();
        for (Tensor tensor : in) {
            tensor.memory().close();
        }
        return found;
    }

    private Found found(String what, String pass) {
        TimedDevice.Timing timing = timed.timings().get(pass);
        return new Found(what, timing.median(), timing.bytes());
    }

    private Tensor uniform(Spec spec, int stream) {
        Rng rng = Rng.of(1, "bandwidth " + stream);
        Tensor tensor = device.allocate(spec);
        for (long from = 0; from < tensor.size(); from += CHUNK) {
            double[] values = new double[(int) Math.min(CHUNK, tensor.size() - from)];
            for (int i = 0; i < values.length; i++) {
                values[i] = rng.uniform(from + i) - 0.5;
            }
            tensor.part(from, Shape.of(values.length)).set(values);
        }
        return tensor;
    }
}
