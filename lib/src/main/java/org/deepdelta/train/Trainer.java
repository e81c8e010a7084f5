package org.deepdelta.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import org.deepdelta.data.Batch;
import org.deepdelta.data.Batches;
import org.deepdelta.model.DeltaNetwork;
import org.deepdelta.model.Gpt;
import org.deepdelta.nn.Parameters;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.train.RunLog.Row;
import org.deepdelta.train.RunLog.Validation;

/**
 * A training run: batches in the data's own order, a step each, validation, log and checkpoints. Nothing is lost when it is stopped, by
 * {@link #stop} or by interrupting the thread that called {@link #run}: the step under way is finished and, given a folder, a checkpoint
 * written. A run that is resumed gives the bits of one that was never stopped.
 *
 * <pre>
 *   try (Trainer trainer = Trainer.of(gpt, Device.cpu(), TrainConfig.of(8, 64, 300, 3e-3), batches)) {
 *       RunLog log = trainer.validating(Batches.whole(validation, 8, 64)).in(folder).resuming().run();
 *   }
 * </pre>
 */
public final class Trainer implements AutoCloseable {

    /** Told after every step, by the thread that trains; what it throws ends the run. */
    @FunctionalInterface
    public interface Listener {
        /**
         * A step is done.
         *
         * @param row what the log says of it
         * @param steps of the whole run
         * @param secondsLeft at the speed so far
         */
        void step(Row row, int steps, double secondsLeft);
    }

    /** Thrown by {@link #run} when it was stopped before its last step; the message says where it stopped and how to go on. */
    public static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;

        Stopped(String message) {
            super(message);
        }
    }

    private static final int COLD = 5;

    private final TrainConfig config;
    private final Batches data;
    private final Loss loss;
    private final Optimizer optimizer;
    private final TrainStep trainStep;
    private final Checkpoint.State state;
    private final Map<String, String> identity = new LinkedHashMap<>();
    private LongFunction<Loss> losses;
    private Iterable<Batch> validation;
    private Path folder;
    private boolean resuming;
    private Listener listener = (row, steps, secondsLeft) -> {};
    private RunLog log;
    private int step;
    private int saved;
    private boolean midStep;
    private volatile boolean stopping;

    /**
     * A run over anything that has parameters and a loss.
     *
     * @param parameters what is trained
     * @param named the parameters by their names in a checkpoint
     * @param data batches {@code [B, T]} by position
     * @param loss of some rows of a batch
     */
    public Trainer(
            Parameters parameters,
            Map<String, Tensor> named,
            Device device,
            TrainConfig config,
            Batches data,
            Loss loss) {
        this.config = config;
        this.data = data;
        this.loss = loss;
        losses = position -> loss;
        optimizer = new Optimizer(parameters, config.optimizer(), device);
        trainStep = new TrainStep(parameters, device, config.shards(), config.threads());
        identity.putAll(config.identity());
        identity.put("type", parameters.storage().type().name());
        identity.put("data", fingerprint(batch(0)));
        state = new Checkpoint.State(named, parameters.named(optimizer.m()), parameters.named(optimizer.v()), identity);
    }

    /** A run of a language model. */
    public static Trainer of(Gpt gpt, Device device, TrainConfig config, Batches data) {
        return new Trainer(gpt.parameters(), gpt.state(), device, config, data, gpt::loss)
                .describing(SavedGpt.MODEL, gpt.config().json())
                .describing(SavedGpt.RULE, gpt.residual().describe());
    }

    /** A run of a network of general blocks. */
    public static Trainer of(DeltaNetwork network, Device device, TrainConfig config, Batches data) {
        return new Trainer(network.parameters(), network.state(), device, config, data, network::loss)
                .describing("model", network.config().toString());
    }

    /** Has checkpoints carry one more key that must be the same on resuming. */
    public Trainer describing(String key, String value) {
        identity.put(key, value);
        return this;
    }

    /** Lets the training loss depend on the batch's position, as the data does: for tasks that vary from batch to batch. */
    public Trainer losses(LongFunction<Loss> byPosition) {
        losses = byPosition;
        return this;
    }

    /** Validates on all of these batches, by the loss that the trainer was made with. */
    public Trainer validating(Iterable<Batch> batches) {
        validation = batches;
        return this;
    }

    /** Keeps log and checkpoints in a folder; without one they are in memory. */
    public Trainer in(Path directory) {
        folder = directory;
        return this;
    }

    /** Continues from the folder's newest checkpoint; starts from the beginning if there is none. */
    public Trainer resuming() {
        resuming = true;
        return this;
    }

    /** Has someone told of every step. */
    public Trainer listening(Listener other) {
        listener = other;
        return this;
    }

    /** Asks {@link #run} to stop at the end of the step under way; from any thread. */
    public void stop() {
        stopping = true;
    }

    /** Steps taken. */
    public int step() {
        return step;
    }

    /** Bytes of temporary memory held. */
    public long arenaBytes() {
        return trainStep.arenaBytes();
    }

    /**
     * Trains to the last step, from where the run stands.
     *
     * @return all steps and validations, also those before a resume
     * @throws Stopped if it was stopped; calling it again continues
     * @throws ArithmeticException if loss or gradient is no longer a finite number, naming the step; parameters are as before it
     * @throws UncheckedIOException if log or checkpoint cannot be read, written, or belong to another run
     * @throws IllegalStateException if the folder holds a run and {@link #resuming} was not called
     */
    public RunLog run() {
        stopping = false;
        ExecutorService thread = Executors.newSingleThreadExecutor(TrainStep.daemons("ddl-train"));
        Future<?> work = thread.submit(this::train);
        thread.shutdown();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    work.get();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                    stop();
                }
            }
        } catch (ExecutionException e) {
            throw TrainStep.rethrown(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (step < config.steps()) {
            throw new Stopped("stopped after step " + step + " of " + config.steps()
                    + (folder == null
                            ? "; run() continues while this trainer lives"
                            : "; nothing is lost: resuming continues from " + folder));
        }
        return log;
    }

    /** The mean loss of a set of batches, and of each of them. */
    public Validation validate(Iterable<Batch> batches) {
        List<Double> each = new ArrayList<>();
        double sum = 0;
        long count = 0;
        for (Batch batch : batches) {
            double mean = trainStep.evaluate(batch, loss);
            each.add(mean);
            sum += mean * batch.scored();
            count += batch.scored();
        }
        if (count == 0) {
            throw new IllegalArgumentException("validation: expected at least one batch, got none");
        }
        return new Validation(step, sum / count, List.copyOf(each));
    }

    /** Ends the threads, closes the log and gives temporary memory back; parameters and what was returned stay. */
    @Override
    public void close() {
        trainStep.close();
        if (log != null) {
            try {
                log.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void train() {
        try {
            if (log == null) {
                open();
            }
            try {
                long start = System.nanoTime();
                int begun = step;
                int first = step;
                while (step < config.steps() && !stopping) {
                    Row row = next();
                    double perStep = (System.nanoTime() - start) / 1e9 / (step - first);
                    listener.step(row, config.steps(), perStep * (config.steps() - step));
                    if (step - begun == COLD) {
                        start = System.nanoTime(); // what came before was spent on compiling
                        first = step;
                    }
                    if (config.saveEvery() > 0 && step % config.saveEvery() == 0) {
                        save();
                    }
                }
            } finally {
                if (!midStep) {
                    save();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private void open() throws IOException {
        if (folder == null) {
            log = new RunLog();
            return;
        }
        List<Path> there = Checkpoint.list(folder);
        if (!resuming && !there.isEmpty()) {
            throw new IllegalStateException(
                    "there is a run already, " + there.get(0) + ": expected to resume it, or another folder");
        }
        Checkpoint checkpoint = Checkpoint.newest(folder);
        if (checkpoint != null) {
            checkpoint.restore(state);
            step = checkpoint.step();
            optimizer.resume(step);
            saved = step;
        }
        log = new RunLog(folder, step);
    }

    private Row next() throws IOException {
        long start = System.nanoTime();
        List<TrainStep.Micro> micros = new ArrayList<>();
        for (int i = 0; i < config.accumulation(); i++) {
            long position = position() + i;
            micros.add(new TrainStep.Micro(batch(position), losses.apply(position)));
        }
        double rate = config.schedule().rate(step);
        midStep = true;
        TrainStep.Outcome outcome;
        try {
            outcome = trainStep.run(micros, optimizer, rate);
        } catch (ArithmeticException e) {
            midStep = false;
            throw new ArithmeticException("step " + (step + 1) + " at rate " + rate + ": " + e.getMessage());
        }
        step++;
        double ms = (System.nanoTime() - start) / 1000 / 1e3;
        boolean last = step == config.steps();
        int every = config.validateEvery();
        Validation validated = null;
        if (validation != null && every > 0 && (last || step % every == 0)) {
            validated = validate(validation);
        }
        Row row = new Row(
                step,
                step * config.tokens(),
                outcome.loss(),
                outcome.norm(),
                rate,
                validated == null ? Double.NaN : validated.loss(),
                ms);
        log.add(row, validated);
        midStep = false;
        return row;
    }

    private void save() throws IOException {
        if (folder != null && step > saved) {
            log.force();
            Checkpoint.write(folder, state, step, position());
            saved = step;
        }
    }

    private long position() {
        return (long) step * config.accumulation();
    }

    private Batch batch(long position) {
        Batch batch = data.batch(position);
        if (batch.B() != config.batch() || batch.T() != config.length()) {
            throw new IllegalArgumentException("data: expected batches of " + config.batch() + " x " + config.length()
                    + ", got " + batch.B() + " x " + batch.T() + " at position " + position);
        }
        return batch;
    }

    /** Tells two data sets, or two orders of one, apart by the first batch. */
    private static String fingerprint(Batch batch) {
        long hash = 1;
        for (int i = 0; i < batch.ids().length; i++) {
            hash = (hash * 1_000_003 + batch.ids()[i]) * 1_000_003 + batch.targets()[i];
        }
        return Long.toHexString(hash);
    }
}
