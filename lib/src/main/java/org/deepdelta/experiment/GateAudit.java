package org.deepdelta.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deepdelta.data.Batch;
import org.deepdelta.model.Gpt;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * What the rewrites X' = X + beta k (v' - k'X) of a delta model do to texts, sublayer by sublayer and token by token: the gate, the direction, and the
 * error e = k'X - v' (one number a value channel) before and after. By Eq. (2.4) e_post = (1 - beta) e_pre for a unit direction. Taken
 * from the states and branches that a forward pass shows to whoever watches, not from the equation.
 *
 * @param sublayers in order: attention 1, MLP 1, attention 2, ...; where blocks are applied several times, those of the first time, then those of the second, ...
 */
public record GateAudit(List<Sublayer> sublayers) {

    /**
     * One sublayer; every array has one entry a token, those of a batch row after row.
     *
     * @param gate beta, in [0, 2]
     * @param direction k {@code [d]}, of length 1 but for the guard
     * @param before |e_pre|: how far what the direction reads is from what is to be written
     * @param after |e_post|
     * @param deviation |e_post - (1 - beta) e_pre|: rounding, and beta (1 - |k|^2) |e_pre| from the direction's guard
     */
    public record Sublayer(double[] gate, double[][] direction, double[] before, double[] after, double[] deviation) {}

    /** Keeps a copy of the list. */
    public GateAudit {
        sublayers = List.copyOf(sublayers);
    }

    /**
     * Runs a text through a model and reads it off.
     *
     * @param gpt over a delta rule with one gate a sublayer
     * @param ids the text, at least one token
     * @throws IllegalArgumentException if the rule has no such gates
     */
    public static GateAudit of(Gpt gpt, Device device, int... ids) {
        return of(gpt, device, new Batch(1, ids.length, ids, new int[ids.length]), 1);
    }

    /**
     * Runs texts through a model whose blocks are applied several times.
     *
     * @param gpt over a delta rule with one gate a sublayer
     * @param batch of texts {@code [B, T]}; its targets do not matter
     * @param rounds how often the blocks are applied
     * @throws IllegalArgumentException if the rule has no such gates
     */
    public static GateAudit of(Gpt gpt, Device device, Batch batch, int rounds) {
        List<Sublayer> sublayers = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            last(gpt, device, batch, round, sublayers);
        }
        return new GateAudit(sublayers);
    }

    /** The last of so many applications: a tape keeps of each sublayer's branches those that came last. */
    private static void last(Gpt gpt, Device device, Batch batch, int rounds, List<Sublayer> into) {
        Arena arena = device.arena();
        try {
            Tape t = Tape.evaluating(device, arena).watching();
            Spec spec = Spec.of(DType.I32, Shape.of(batch.B(), batch.T()));
            gpt.logits(t, t.allocate(spec).set(batch.ids()), rounds);
            Map<String, Tensor> watched = t.watched();
            int count = 2 * gpt.config().layers();
            for (int s = 0; s < count; s++) {
                String name = "sub." + s + ".";
                if (!watched.containsKey(name + "k") || watched.containsKey(name + "erase")) {
                    throw new IllegalArgumentException("rule " + gpt.residual().name()
                            + ": expected one with one gate a sublayer, which erases and writes");
                }
                int before = (rounds - 1) * count + s;
                into.add(sublayer(
                        watched.get("X." + before).toDoubles(),
                        watched.get("X." + (before + 1)).toDoubles(),
                        watched.get(name + "k").toDoubles(),
                        watched.get(name + "v").toDoubles(),
                        watched.get(name + "beta").toDoubles()));
            }
        } finally {
            arena.close();
        }
    }

    /**
     * How near two directions are, whatever their signs and lengths.
     *
     * @return |cos| of the angle between them, in [0, 1]; for one drawn at random in d dimensions about sqrt(2 / (pi d))
     */
    public static double alignment(double[] a, double[] b) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            dot += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return Math.abs(dot) / Math.sqrt(aa * bb);
    }

    private static Sublayer sublayer(double[] state, double[] next, double[] k, double[] v, double[] gate) {
        int tokens = gate.length;
        double[] before = new double[tokens];
        double[] after = new double[tokens];
        double[] deviation = new double[tokens];
        for (int i = 0; i < tokens; i++) {
            double[] pre = error(state, k, v, i, tokens);
            double[] post = error(next, k, v, i, tokens);
            before[i] = norm(pre);
            after[i] = norm(post);
            for (int j = 0; j < pre.length; j++) {
                post[j] -= (1 - gate[i]) * pre[j];
            }
            deviation[i] = norm(post);
        }
        double[][] direction = new double[tokens][];
        Arrays.setAll(direction, i -> Arrays.copyOfRange(k, i * (k.length / tokens), (i + 1) * (k.length / tokens)));
        return new Sublayer(gate, direction, before, after, deviation);
    }

    /** k'X - v' of a token, one number a value channel. */
    private static double[] error(double[] state, double[] k, double[] v, int token, int tokens) {
        int channels = v.length / tokens;
        int width = k.length / tokens;
        double[] e = new double[channels];
        for (int j = 0; j < channels; j++) {
            for (int i = 0; i < width; i++) {
                e[j] += k[token * width + i] * state[(token * width + i) * channels + j];
            }
            e[j] -= v[token * channels + j];
        }
        return e;
    }

    private static double norm(double[] e) {
        double sum = 0;
        for (double x : e) {
            sum += x * x;
        }
        return Math.sqrt(sum);
    }
}
