package org.deepdelta.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import org.deepdelta.data.Batch;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * One step of training: every micro-batch is cut by rows into a fixed number of shards, each with its own tape, arena and gradients; the
 * shards run on Java threads and are summed by index. So the bits depend on the number of shards and not on the number of threads. Memory
 * is taken in the first step and kept.
 */
public final class TrainStep implements AutoCloseable {

    /**
     * A micro-batch and its loss.
     *
     * @param batch ids and targets
     * @param loss of some of its rows
     */
    public record Micro(Batch batch, Loss loss) {}

    /**
     * What a step gave.
     *
     * @param loss mean over all targets, before the update
     * @param norm of the gradient, before clipping
     */
    public record Outcome(double loss, double norm) {}

    private final Parameters parameters;
    private final Device device;
    private final Shard[] shards;
    private final Tensor[] gradients;
    private final Arena own;
    private final ExecutorService pool;

    /** Takes the memory for gradients; threads are started with the first step that needs them. */
    public TrainStep(Parameters parameters, Device device, int shards, int threads) {
        this.parameters = parameters;
        this.device = device;
        this.own = device.arena();
        this.shards = new Shard[shards];
        for (int s = 0; s < shards; s++) {
            this.shards[s] = new Shard(device.arena(), parameters.like(device));
        }
        gradients = Arrays.stream(this.shards).map(Shard::gradients).toArray(Tensor[]::new);
        pool = threads == 1 ? null : Executors.newFixedThreadPool(Math.min(threads, shards), daemons("ddl-shard"));
    }

    static ThreadFactory daemons(String name) {
        return work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Forward, backward, and update.
     *
     * @param micros the micro-batches of this step, in order
     * @throws ArithmeticException if loss or gradient is not a finite number; then nothing is updated
     * @throws IllegalArgumentException if no position has a target
     */
    public Outcome run(List<Micro> micros, Optimizer optimizer, double rate) {
        long count = micros.stream().mapToLong(m -> m.batch().scored()).sum();
        double loss = sum(micros, count, true);
        if (!Double.isFinite(loss)) {
            throw new ArithmeticException("the loss is " + loss + "; nothing was updated");
        }
        own.reset();
        double norm = optimizer.update(Tape.evaluating(device, own), rate, gradients);
        return new Outcome(loss, norm);
    }

    /** The mean loss of a batch, without gradients. */
    public double evaluate(Batch batch, Loss loss) {
        return sum(List.of(new Micro(batch, loss)), batch.scored(), false);
    }

    /** Bytes of temporary memory held; constant from the second step of one shape on. */
    public long arenaBytes() {
        return own.capacity()
                + Arrays.stream(shards).mapToLong(s -> s.arena().capacity()).sum();
    }

    /** Ends the threads and gives the temporary memory back. */
    @Override
    public void close() {
        if (pool != null) {
            pool.shutdown();
        }
        own.close();
        Arrays.stream(shards).forEach(s -> s.arena().close());
    }

    private double sum(List<Micro> micros, long count, boolean training) {
        if (count == 0) {
            throw new IllegalArgumentException("the batch has no position with a target");
        }
        double[] losses = new double[shards.length];
        if (pool == null) {
            for (int s = 0; s < losses.length; s++) {
                losses[s] = shard(s, micros, count, training);
            }
        } else {
            List<Future<Double>> parts = new ArrayList<>();
            for (int s = 0; s < losses.length; s++) {
                int index = s;
                parts.add(pool.submit(() -> shard(index, micros, count, training)));
            }
            parts.forEach(TrainStep::await);
            for (int s = 0; s < losses.length; s++) {
                losses[s] = result(parts.get(s));
            }
        }
        double sum = 0;
        for (double loss : losses) {
            sum += loss;
        }
        return sum;
    }

    private double shard(int s, List<Micro> micros, long count, boolean training) {
        Shard shard = shards[s];
        double sum = 0;
        boolean first = true;
        for (Micro micro : micros) {
            Batch batch = micro.batch();
            int from = (int) ((long) batch.B() * s / shards.length);
            int to = (int) ((long) batch.B() * (s + 1) / shards.length);
            if (from == to) {
                continue;
            }
            shard.arena().reset();
            Tape t = training ? Tape.recording(device, shard.arena()) : Tape.evaluating(device, shard.arena());
            if (training) {
                parameters.bind(t, shard.gradients(), !first);
            }
            Tensor ids = rows(shard.arena(), batch, batch.ids(), from, to);
            Tensor targets = rows(shard.arena(), batch, batch.targets(), from, to);
            Tensor loss = micro.loss().apply(t, ids, targets, count);
            if (training) {
                t.backward(loss);
                if (first) {
                    clearUnreached(t, shard.gradients());
                }
            }
            sum += loss.item();
            first = false;
        }
        if (training && first) {
            device.fill(shard.gradients(), 0);
        }
        return sum;
    }

    /** A parameter that this loss does not depend on would keep its gradient of the step before. */
    private void clearUnreached(Tape t, Tensor into) {
        for (Parameter p : parameters.list()) {
            if (t.gradient(p.value()) == null) {
                device.fill(parameters.of(p, into), 0);
            }
        }
    }

    private static Tensor rows(Arena arena, Batch batch, int[] values, int from, int to) {
        return arena.allocate(Spec.of(DType.I32, Shape.of(to - from, batch.T())))
                .set(Arrays.copyOfRange(values, from * batch.T(), to * batch.T()));
    }

    /** Waits for a shard whatever happens: a step is never left half done. An interrupt is kept for the caller. */
    private static void await(Future<?> part) {
        boolean interrupted = false;
        while (!part.isDone()) {
            try {
                part.get();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                break; // thrown by result, once all shards are done
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static double result(Future<Double> done) {
        boolean interrupted = Thread.interrupted();
        try {
            return done.get();
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException("a shard that is done is not waited for", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static RuntimeException rethrown(Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
    }

    private record Shard(Arena arena, Tensor gradients) {}
}
