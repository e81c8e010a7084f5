package org.deepdelta.classroom;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deepdelta.nn.Parameters;
import org.deepdelta.operator.DeltaOperator;
import org.deepdelta.residual.Read;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One rewrite of one state by a rule whose parameters are random numbers, in double: what problem set 3 checks a student's rule with.
 *
 * @param s sublayer
 * @param state X {@code [B, T, d]}
 * @param context c, what sublayer s has read, {@code [B, T, d]}
 * @param h what the sublayer gave back, {@code [B, T, d]}
 * @param next X' {@code [B, T, d]}; null if the rule has not been written yet
 * @param parameters by name; none if the rule has none
 * @param gradients of the sum of squares of X', by the parameters' names; none where X' is null
 */
public record RuleTrial(
        int s,
        INDArray state,
        INDArray context,
        INDArray h,
        INDArray next,
        Map<String, INDArray> parameters,
        Map<String, INDArray> gradients) {
    private static final double STD = 0.5;
    private static final double EPS = 1e-5;

    /**
     * Lets a rule rewrite.
     *
     * @param rule that no model has taken yet
     * @param s sublayer, 0 or 1, of a model of one block
     * @param state X {@code [B, T, d]}
     * @param context c, what the sublayer has read, {@code [B, T, d]}
     * @param h what the sublayer gave back, {@code [B, T, d]}
     */
    public static RuleTrial of(ResidualStream rule, int s, INDArray state, INDArray context, INDArray h) {
        Device device = Device.reference();
        Parameters parameters = new Parameters();
        rule.declare(parameters, new ResidualStream.Dimensions(1, (int) state.size(2), STD));
        Tape t = Tape.recording(device, device.arena());
        Map<String, INDArray> values = new LinkedHashMap<>();
        Tensor gradients = null;
        if (parameters.count() > 0) {
            parameters.place(device, DType.F64);
            parameters.named().forEach((name, w) -> {
                w.set(normal(name, (int) w.size()));
                values.put(name, w.toArray());
            });
            gradients = parameters.like(device);
            parameters.bind(t, gradients, false);
        }
        Tensor x = put(t, state);
        Tensor next = rule.rewrite(t, s, new Read(x, x, put(t, context)), put(t, h));
        Map<String, INDArray> reached = new LinkedHashMap<>();
        if (next != null) {
            t.backward(t.sum(t.multiply(next, next)));
            if (gradients != null) {
                parameters.named(gradients).forEach((name, g) -> reached.put(name, g.toArray()));
            }
        }
        return new RuleTrial(s, state, context, h, next == null ? null : next.toArray(), values, reached);
    }

    private static double[] normal(String name, int count) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = Rng.of(name.hashCode(), "exercise").normal(i);
        }
        return values;
    }

    private static Tensor put(Tape t, INDArray values) {
        return t.variable(
                t.allocate(Spec.of(DType.F64, Shape.of(values.shape()))).set(values));
    }

    /** Whether a gradient reaches a parameter. */
    public boolean reaches(String parameter) {
        return gradients.get(parameter).amaxNumber().doubleValue() > 0;
    }

    /**
     * X' of the scalar delta rule with the right directions and readouts, or with a usual mistake; see the other form.
     *
     * @param of the sublayer whose parameters are taken
     * @param from what value and gate read, {@code [B, T, d]}
     * @param most what the gate cannot exceed
     * @param erased part of the readout that is taken out
     * @param sign of the correction
     */
    public INDArray delta(int of, INDArray from, double most, double erased, double sign) {
        INDArray k = Nd4j.zeros(DataType.DOUBLE, state.shape());
        INDArray readout = Nd4j.zeros(DataType.DOUBLE, state.size(0), state.size(1), 1);
        for (long b = 0; b < state.size(0); b++) {
            for (long at = 0; at < state.size(1); at++) {
                DeltaOperator a =
                        DeltaOperator.of(1, DeltaOperator.direction(h.slice(b).getRow(at), EPS));
                k.slice(b).putRow(at, a.k());
                double read = a.read(state.slice(b).getRow(at)).getDouble(0);
                readout.putScalar(new long[] {b, at, 0}, read);
            }
        }
        return delta(of, from, k, readout, most, erased, sign);
    }

    /**
     * X' of the scalar delta rule, token by token: X + sign beta k (v - erased readout), with v and beta = most sigmoid(.) from the parameters
     * {@code mine.s.value}, {@code mine.s.gate} and {@code mine.s.bias} of this trial. At 2, 1, 1 it is the rule; other numbers, another
     * sublayer's parameters or the state as the context make of it what usual mistakes give.
     *
     * @param of the sublayer whose parameters are taken
     * @param from what value and gate read, {@code [B, T, d]}
     * @param k directions {@code [B, T, d]}
     * @param readout k'X for each token, {@code [B, T, 1]}; or any shape that ND4J can stretch to {@code [B, T, d]}
     * @param most what the gate cannot exceed
     * @param erased part of the readout that is taken out
     * @param sign of the correction
     */
    public INDArray delta(
            int of, INDArray from, INDArray k, INDArray readout, double most, double erased, double sign) {
        INDArray result = state.dup();
        INDArray value = parameters.get("mine." + of + ".value");
        INDArray gate = parameters.get("mine." + of + ".gate");
        double bias = parameters.get("mine." + of + ".bias").getDouble(0);
        INDArray every = Nd4j.zeros(DataType.DOUBLE, state.shape());
        INDArray directions = every.add(k);
        INDArray read = every.add(readout);
        for (long b = 0; b < state.size(0); b++) {
            for (long at = 0; at < state.size(1); at++) {
                double v = 0;
                double g = bias;
                for (long j = 0; j < state.size(2); j++) {
                    v += from.getDouble(b, at, j) * value.getDouble(j);
                    g += from.getDouble(b, at, j) * gate.getDouble(j);
                }
                double beta = most / (1 + Math.exp(-g));
                for (long j = 0; j < state.size(2); j++) {
                    double moved =
                            sign * beta * directions.getDouble(b, at, j) * (v - erased * read.getDouble(b, at, j));
                    result.putScalar(new long[] {b, at, j}, state.getDouble(b, at, j) + moved);
                }
            }
        }
        return result;
    }
}
