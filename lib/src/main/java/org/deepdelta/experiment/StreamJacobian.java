package org.deepdelta.experiment;

import java.util.Arrays;
import org.deepdelta.data.Batch;
import org.deepdelta.model.Gpt;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The full Jacobian of a token's own stream across sublayers, J = dX_to / dX_from, at one token a row: everything that the frozen operator A = I - beta k k' leaves
 * out (that k, beta and v depend on the state) is in it. By reverse-mode differentiation, one walk back for each of the d outputs; rows do not
 * meet, so that all of a batch are walked at once. Of use in double precision. Closed at the end, with its memory.
 */
public final class StreamJacobian implements AutoCloseable {
    private final Arena arena;
    private final Tape t;
    private final Batch batch;
    private final int[] tokens;

    /**
     * Runs a batch forward.
     *
     * @param gpt whose state is a vector {@code [B, T, d]}
     * @param rounds how often the blocks are applied
     * @param tokens whose stream it is: one index into the batch for each row, in the rows' order
     * @throws IllegalArgumentException if the state is no vector, or the tokens are not one a row
     */
    public StreamJacobian(Gpt gpt, Device device, Batch batch, int rounds, int... tokens) {
        this.batch = batch;
        this.tokens = tokens.clone();
        boolean fits = tokens.length == batch.B();
        for (int b = 0; fits && b < tokens.length; b++) {
            fits = Math.floorDiv(tokens[b], batch.T()) == b;
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "tokens: expected one of each of " + batch.B() + " rows of " + batch.T() + " tokens");
        }
        arena = device.arena();
        t = Tape.recording(device, arena).watching();
        gpt.parameters().bind(t, gpt.parameters().like(device), false);
        Spec spec = Spec.of(DType.I32, Shape.of(batch.B(), batch.T()));
        gpt.logits(t, t.allocate(spec).set(batch.ids()), rounds);
        if (state(0).shape().rank() != 3) {
            arena.close();
            throw new IllegalArgumentException("rule " + gpt.residual().name()
                    + ": expected one whose state is a vector a token, got [B, T, d, dv]");
        }
    }

    /**
     * The Jacobians of a stretch.
     *
     * @param from sublayers before it, 0 for the embedding
     * @param to sublayers before its end, more than {@code from}
     * @return {@code [d, d]} for each row, outputs by inputs
     */
    public INDArray[] of(int from, int to) {
        Tensor input = state(from);
        Tensor output = state(to);
        int d = (int) input.shape().axis(2);
        double[][][] all = new double[tokens.length][d][];
        for (int i = 0; i < d; i++) {
            double[] seed = new double[(int) output.size()];
            for (int token : tokens) {
                seed[token * d + i] = 1;
            }
            t.clearGradients();
            t.backward(output, t.allocate(output.spec()).set(seed));
            double[] gradient = t.gradient(input).toDoubles();
            for (int b = 0; b < tokens.length; b++) {
                all[b][i] = Arrays.copyOfRange(gradient, tokens[b] * d, (tokens[b] + 1) * d);
            }
        }
        INDArray[] jacobians = new INDArray[tokens.length];
        Arrays.setAll(jacobians, b -> Nd4j.createFromArray(all[b]));
        return jacobians;
    }

    private Tensor state(int i) {
        Tensor state = t.watched().get("X." + i);
        if (state == null) {
            throw new IllegalArgumentException("sublayer " + i + ": expected 0 to the number that ran");
        }
        return state;
    }

    @Override
    public void close() {
        arena.close();
    }
}
