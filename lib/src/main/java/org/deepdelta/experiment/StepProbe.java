package org.deepdelta.experiment;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deepdelta.data.Batch;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.train.Optimizer;
import org.deepdelta.train.TrainStep;

/**
 * A training step of one model to be measured: its memory, and its time once the result is known to be right. Rules are compared by a probe
 * each, their steps taken in turns, so that what else the machine does falls on all of them.
 */
public final class StepProbe implements AutoCloseable {
    private static final double TOLERANCE = 1e-4;
    private static final double FLOOR = 1e-6;
    private static final double RATE = 1e-3;

    private final GptConfig sizes;
    private final String rule;
    private final Batch batch;
    private final Device device = Device.cpu();
    private final Gpt gpt;
    private final TrainStep step;
    private final Optimizer optimizer;
    private double off = Double.NaN;
    private long bytes;

    /**
     * A model in single precision under seed 1.
     *
     * @param rule as {@link ResidualStream#of} reads it
     * @param batch what each step trains on, in one piece and on one thread
     */
    public StepProbe(GptConfig sizes, String rule, Batch batch) {
        this.sizes = sizes;
        this.rule = rule;
        this.batch = batch;
        gpt = model(device);
        step = new TrainStep(gpt.parameters(), device, 1, 1);
        optimizer = new Optimizer(gpt.parameters(), Optimizer.Config.paper(), device);
    }

    private Gpt model(Device on) {
        return new Gpt(sizes, ResidualStream.of(rule), on, DType.F32, 1);
    }

    /**
     * Compares loss and gradients of the batch's first row between the kernels and the references.
     *
     * @return the largest difference in units of what is allowed, 1e-4 of the tensor's largest entry and 1e-6; right up to 1
     * @throws IllegalStateException after a timed step, which has changed the model
     */
    public double check() {
        if (optimizer.step() > 0) {
            throw new IllegalStateException("check: expected no step before it, there were " + optimizer.step());
        }
        Map<String, Tensor> expected = gradients(model(Device.reference()), Device.reference());
        Map<String, Tensor> actual = gradients(gpt, device);
        off = 0;
        expected.forEach((name, tensor) -> off =
                Math.max(off, difference(tensor.toDoubles(), actual.get(name).toDoubles())));
        return off;
    }

    private static double difference(double[] expected, double[] actual) {
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            double here = Math.abs(expected[i] - actual[i]);
            worst = Double.isNaN(here) ? Double.POSITIVE_INFINITY : Math.max(worst, here);
        }
        return worst / (TOLERANCE * largest + FLOOR);
    }

    private Map<String, Tensor> gradients(Gpt model, Device on) {
        Arena arena = on.arena();
        Tape t = Tape.recording(on, arena);
        Tensor gradients = model.parameters().like(on);
        model.parameters().bind(t, gradients, false);
        Spec row = Spec.of(DType.I32, Shape.of(1, batch.T()));
        Tensor ids = t.allocate(row).set(Arrays.copyOf(batch.ids(), batch.T()));
        Tensor targets = t.allocate(row).set(Arrays.copyOf(batch.targets(), batch.T()));
        Tensor loss = model.loss(t, ids, targets, batch.T());
        t.backward(loss);
        bytes = arena.peak();
        Map<String, Tensor> named = model.parameters().named(gradients);
        named.put("loss", on.allocate(loss.spec()).set(loss.item()));
        arena.close();
        return named;
    }

    /**
     * What a token of a training step holds beside parameters, their gradients and moments: the most bytes at one time, forward and
     * backward, on the kernels.
     *
     * @throws IllegalStateException before {@link #check}
     */
    public double bytesPerToken() {
        expectChecked("bytesPerToken");
        return bytes / (double) batch.T();
    }

    /**
     * Takes one step (forward, backward, clipping, AdamW).
     *
     * @return its time in seconds
     * @throws IllegalStateException before {@link #check}, or if that found a difference: no speed of a wrong result
     */
    public double time() {
        expectChecked("time");
        long start = System.nanoTime();
        step.run(List.of(new TrainStep.Micro(batch, gpt::loss)), optimizer, RATE);
        return (System.nanoTime() - start) * 1e-9;
    }

    private void expectChecked(String what) {
        if (!(off <= 1)) {
            throw new IllegalStateException(what + " of " + rule
                    + ": expected kernels that agree with the references, "
                    + (Double.isNaN(off)
                            ? "they were not compared"
                            : "they are off by " + off + " of what is allowed"));
        }
    }

    @Override
    public void close() {
        step.close();
    }
}
