package org.deepdelta.residual;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deepdelta.data.Batch;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.train.Optimizer;
import org.deepdelta.train.TrainStep;

/** A small model run once, forward and back, in double, with everything it computes as plain arrays. */
final class StreamRun {
    static final int V = 7;
    static final int D = 8;
    static final int LAYERS = 3;
    static final int TOKENS = 6;
    private static final int T = 3;

    final int n;
    final Map<String, double[]> parameters = new TreeMap<>();
    final Map<String, double[]> gradients = new TreeMap<>();
    final Map<String, double[]> watched = new TreeMap<>();

    /** The sizes of the model, with this eps in its norms. */
    static GptConfig sizes(double normEps) {
        GptConfig of = GptConfig.of(V, LAYERS, 2, D);
        return new GptConfig(
                V, LAYERS, D, of.attention(), of.hidden(), of.embeddingStd(), of.hiddenFactor(), normEps, 1);
    }

    /** A model at its start. */
    static Gpt fresh(String rule, double normEps, Device device, DType type) {
        return new Gpt(sizes(normEps), ResidualStream.of(rule), device, type, 3);
    }

    /** Moves every parameter away from where it is. */
    static Gpt moved(Gpt gpt) {
        gpt.parameters().named().forEach((name, value) -> {
            Rng rng = Rng.of(5, name);
            double[] values = value.toDoubles();
            Arrays.setAll(values, i -> (float) (values[i] + 0.3 * rng.normal(i)));
            value.set(values);
        });
        return gpt;
    }

    /** A model whose parameters are all away from their start. */
    static StreamRun ofMoved(String rule) {
        return new StreamRun(moved(fresh(rule, 1e-5, Device.reference(), DType.F64)), 1);
    }

    StreamRun(Gpt gpt, int rounds) {
        Device device = Device.reference();
        Arena arena = device.arena();
        Tape t = Tape.recording(device, arena).watching();
        Tensor gradient = gpt.parameters().like(device);
        gpt.parameters().bind(t, gradient, false);
        Tensor ids = t.allocate(Spec.of(DType.I32, Shape.of(TOKENS / T, T))).set(ids(0));
        Tensor logits = gpt.logits(t, ids, rounds);
        double[] upstream = new double[TOKENS * V];
        Arrays.setAll(upstream, Rng.of(9, "upstream")::normal);
        t.backward(logits, t.allocate(logits.spec()).set(upstream));
        t.watched().forEach((name, tensor) -> watched.put(name, tensor.toDoubles()));
        gpt.parameters().named().forEach((name, tensor) -> parameters.put(name, tensor.toDoubles()));
        gpt.parameters().named(gradient).forEach((name, tensor) -> gradients.put(name, tensor.toDoubles()));
        n = watched.get("X.0").length / (TOKENS * D);
        arena.close();
    }

    private static int[] ids(int shift) {
        int[] ids = new int[TOKENS];
        Arrays.setAll(ids, i -> (3 * i + 2 + shift) % V);
        return ids;
    }

    /** Losses of some training steps. */
    static double[] losses(Gpt gpt, Device device, int steps) {
        double[] losses = new double[steps];
        Optimizer optimizer = new Optimizer(gpt.parameters(), Optimizer.Config.paper(), device);
        try (TrainStep step = new TrainStep(gpt.parameters(), device, 2, 1)) {
            for (int i = 0; i < steps; i++) {
                Batch batch = new Batch(TOKENS / T, T, ids(i), ids(i + 1));
                losses[i] = step.run(List.of(new TrainStep.Micro(batch, gpt::loss)), optimizer, 3e-3)
                        .loss();
            }
        }
        return losses;
    }

    /** Parameter of sublayer s, such as {@code gamma}. */
    double[] parameter(String rule, int s, String name) {
        return parameters.get("transformer.h." + s / 2 + "." + rule + (s % 2 == 0 ? "_attn." : "_mlp.") + name);
    }

    /** Entry i of stream j of a token before sublayer s. */
    double stream(int s, int token, int j, int i) {
        return watched.get("X." + s)[(token * n + j) * D + i];
    }

    /** Entry k of a coefficient of a token, of which it has that many; static ones are all tokens'. */
    double coefficient(String name, int s, int token, int size, int k) {
        double[] all = watched.get("sub." + s + "." + name);
        return all[all.length == size ? k : token * size + k];
    }

    /** sqrt(size) h / |h| * (1 + gamma), for a stream, or for all of them if gamma is that long. */
    double[] normalised(int s, int token, int j, double[] gamma) {
        double[] h = new double[gamma.length];
        Arrays.setAll(h, i -> stream(s, token, j + i / D, i % D));
        double squares = Arrays.stream(h).map(x -> x * x).sum();
        double[] g = new double[h.length];
        Arrays.setAll(g, i -> Math.sqrt(h.length) * h[i] / Math.sqrt(squares) * (1 + gamma[i]));
        return g;
    }

    /** Row r of a weight with g. */
    static double product(double[] weight, int r, double[] g) {
        double sum = 0;
        for (int i = 0; i < g.length; i++) {
            sum += weight[r * g.length + i] * g[i];
        }
        return sum;
    }

    /** Every sublayer read u = read'H and left H' = mix'H + write y', the first found the embedding n times, the readout summed. */
    void followsItsCoefficients() {
        for (int token = 0; token < TOKENS; token++) {
            for (int i = 0; i < D; i++) {
                for (int s = 0; s < 2 * LAYERS; s++) {
                    double u = 0;
                    double y = watched.get("sub." + s + ".h")[token * D + i];
                    for (int j = 0; j < n; j++) {
                        u += coefficient("read", s, token, n, j) * stream(s, token, j, i);
                        double next = coefficient("write", s, token, n, j) * y;
                        for (int from = 0; from < n; from++) {
                            next += coefficient("mix", s, token, n * n, from * n + j) * stream(s, token, from, i);
                        }
                        assertEquals(next, stream(s + 1, token, j, i), 1e-12, "stream " + j + " after sublayer " + s);
                    }
                    assertEquals(u, watched.get("sub." + s + ".x_in")[token * D + i], 1e-12, "read of sublayer " + s);
                }
                double sum = 0;
                for (int j = 0; j < n; j++) {
                    sum += stream(2 * LAYERS, token, j, i);
                    assertEquals(stream(0, token, 0, i), stream(0, token, j, i), "stream " + j + " at the start");
                }
                assertEquals(sum, watched.get("final.x_out")[token * D + i], 1e-12, "readout");
            }
        }
    }

    /** The largest difference relative to the largest entry. */
    static double difference(double[] expected, double[] actual) {
        assertEquals(expected.length, actual.length);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
        }
        return difference == 0 ? 0 : difference / largest;
    }
}
