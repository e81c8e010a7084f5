package org.deepdelta.experiment.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.deepdelta.data.Batch;
import org.deepdelta.data.FlipTask;
import org.deepdelta.experiment.GateAudit;
import org.deepdelta.experiment.StreamJacobian;
import org.deepdelta.model.Gpt;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.operator.DeltaOperator;
import org.deepdelta.operator.DeltaProduct;
import org.deepdelta.operator.NumericalMatrix;
import org.deepdelta.operator.Spectrum;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a trained block of one layer does to swaps, in numbers: gates, errors, directions, the operators that they make, and the true Jacobian beside them. For a scalar delta
 * rule or its write-only control.
 *
 * <p>Means over all tokens of a role ({@link FlipTask.Role}), under {@code audit.R=r.attention.moved.} (or {@code mlp}; {@code names}, {@code still}):
 * {@code gate}; {@code identity}, {@code projection}, {@code reflection}, the parts of the gates to which 0, 1, 2 is nearest; {@code before} and {@code after}, |e_pre| and
 * |e_post|; {@code aligned}, |cos| of k and the exact direction u, the difference of the embeddings of the row's two symbols as queries; {@code other}, with
 * the u of a row that names two other symbols; {@code rows}, |cos| of k and the k of a token of that role in a later row.
 *
 * <p>Means over the first moved token of each row, under {@code audit.R=r.moved.}: {@code steady.attention} and {@code steady.mlp}, |cos| of k in this
 * round and in the one before (from r = 2); {@code across}, of attention's k and the MLP's. For the first 64 of these tokens {@code distance.attention}, {@code distance.mlp},
 * {@code distance}, |A - H| / |I - H| in the Frobenius norm for the frozen operator of one sublayer, or the product of both, and H = I - 2 u u'; of
 * the product of all rounds so far {@code least}, the smallest real part of an eigenvalue, {@code determinant} and {@code radius}.
 *
 * <p>For the first 8 of these tokens and J the Jacobian of the token's stream, in double: {@code missed}, the sum over tokens of |J - A| divided by that of |J - I|, where
 * A is the product of all rounds so far; {@code stretch}, the mean of J's largest singular value; in the first round also {@code missed.attention} and so on,
 * for one sublayer.
 */
final class FlipAudit {
    private static final String[] SUBLAYERS = {"attention", "mlp"};
    private static final int SPECTRA = 64;
    private static final int JACOBIANS = 8;

    private final FlipTask task;
    private final Batch batch;
    private final List<GateAudit.Sublayer> sublayers;
    private final double[][] exact;
    private final boolean erases;
    private final Map<String, Double> scores = new LinkedHashMap<>();

    /** Runs a batch of the task. */
    FlipAudit(FlipTask task, Gpt gpt, Device device, Batch batch, int rounds) {
        this.task = task;
        this.batch = batch;
        sublayers = GateAudit.of(gpt, device, batch, rounds).sublayers();
        exact = exact(gpt);
        NamedOptions rule = NamedOptions.parse("rule", gpt.residual().describe());
        erases = !"write_only".equals(rule.given().get("gates"));
        for (int i = 0; i < sublayers.size(); i++) {
            for (FlipTask.Role role : FlipTask.Role.values()) {
                sublayer(i, role, tokens(role));
            }
        }
        int[] moved = firstOfRows(tokens(FlipTask.Role.MOVED));
        for (int round = 1; round <= rounds; round++) {
            directions(round, moved);
            spectrum(round, IntStream.of(moved).limit(SPECTRA).toArray());
        }
        jacobians(gpt, rounds, IntStream.of(moved).limit(JACOBIANS).toArray());
    }

    Map<String, Double> scores() {
        return scores;
    }

    /** u of each row, not normalised. */
    private double[][] exact(Gpt gpt) {
        double[] table = gpt.parameters().named().get("transformer.wte.weight").toDoubles();
        int d = gpt.config().width();
        double[][] directions = new double[batch.B()][d];
        for (int b = 0; b < directions.length; b++) {
            int first = task.query(batch, b, 0) * d;
            int second = task.query(batch, b, 1) * d;
            for (int i = 0; i < d; i++) {
                directions[b][i] = table[first + i] - table[second + i];
            }
        }
        return directions;
    }

    private int[] tokens(FlipTask.Role role) {
        return IntStream.range(0, batch.ids().length)
                .filter(i -> task.role(batch, i) == role)
                .toArray();
    }

    private int[] firstOfRows(int[] tokens) {
        return IntStream.range(0, tokens.length)
                .filter(j -> j == 0 || row(tokens[j]) != row(tokens[j - 1]))
                .map(j -> tokens[j])
                .toArray();
    }

    private void sublayer(int i, FlipTask.Role role, int[] tokens) {
        GateAudit.Sublayer s = sublayers.get(i);
        String name = "audit.R=" + (i / 2 + 1) + "." + SUBLAYERS[i % 2] + "."
                + role.name().toLowerCase(Locale.ROOT) + ".";
        put(name + "gate", tokens, n -> s.gate()[n]);
        put(name + "identity", tokens, n -> s.gate()[n] < 0.5 ? 1 : 0);
        put(name + "projection", tokens, n -> s.gate()[n] >= 0.5 && s.gate()[n] <= 1.5 ? 1 : 0);
        put(name + "reflection", tokens, n -> s.gate()[n] > 1.5 ? 1 : 0);
        put(name + "before", tokens, n -> s.before()[n]);
        put(name + "after", tokens, n -> s.after()[n]);
        put(name + "aligned", tokens, n -> GateAudit.alignment(k(i, n), exact[row(n)]));
        put(name + "other", tokens, n -> GateAudit.alignment(k(i, n), exact[stranger(row(n))]));
        put(name + "rows", tokens, n -> GateAudit.alignment(k(i, n), k(i, next(tokens, n))));
    }

    private void directions(int round, int[] moved) {
        int i = 2 * round - 2;
        String name = "audit.R=" + round + ".moved.";
        for (int s = 0; s < 2 && round > 1; s++) {
            int now = i + s;
            put(name + "steady." + SUBLAYERS[s], moved, n -> GateAudit.alignment(k(now - 2, n), k(now, n)));
        }
        put(name + "across", moved, n -> GateAudit.alignment(k(i, n), k(i + 1, n)));
    }

    private void spectrum(int round, int[] moved) {
        int i = 2 * round - 2;
        String name = "audit.R=" + round + ".moved.";
        put(name + "distance.attention", moved, n -> fromReflection(row(n), operator(i, n)));
        put(name + "distance.mlp", moved, n -> fromReflection(row(n), operator(i + 1, n)));
        put(name + "distance", moved, n -> fromReflection(row(n), operator(i, n), operator(i + 1, n)));
        Map<Integer, Spectrum> spectra = new LinkedHashMap<>();
        for (int n : moved) {
            spectra.put(n, product(0, i + 2, n).spectrum());
        }
        put(name + "least", moved, n -> spectra.get(n).re()[spectra.get(n).size() - 1]);
        put(name + "determinant", moved, n -> spectra.get(n).determinant());
        put(name + "radius", moved, n -> spectra.get(n).radius());
    }

    /** In double, on the rows of these tokens alone. */
    private void jacobians(Gpt gpt, int rounds, int[] tokens) {
        int T = batch.T();
        int[] ids = new int[tokens.length * T];
        int[] there = new int[tokens.length];
        for (int j = 0; j < tokens.length; j++) {
            System.arraycopy(batch.ids(), row(tokens[j]) * T, ids, j * T, T);
            there[j] = j * T + tokens[j] % T;
        }
        Batch rows = new Batch(tokens.length, T, ids, new int[ids.length]);
        Device device = Device.reference();
        Gpt exactly =
                new Gpt(gpt.config(), ResidualStream.of(gpt.residual().describe()), device, DType.F64, 0).load(gpt);
        try (StreamJacobian jacobian = new StreamJacobian(exactly, device, rows, rounds, there)) {
            for (int round = 1; round <= rounds; round++) {
                jacobian("audit.R=" + round + ".moved.", "", jacobian, 0, 2 * round, tokens);
            }
            jacobian("audit.R=1.moved.", ".attention", jacobian, 0, 1, tokens);
            jacobian("audit.R=1.moved.", ".mlp", jacobian, 1, 2, tokens);
        }
    }

    private void jacobian(String name, String part, StreamJacobian jacobian, int from, int to, int[] tokens) {
        INDArray[] full = jacobian.of(from, to);
        INDArray identity = Nd4j.eye(full[0].rows()).castTo(full[0].dataType());
        double missed = 0;
        double all = 0;
        double stretch = 0;
        for (int j = 0; j < tokens.length; j++) {
            missed += norm(full[j].sub(product(from, to, tokens[j]).matrix()));
            all += norm(full[j].sub(identity));
            stretch += NumericalMatrix.of(full[j]).singularValues()[0];
        }
        scores.put(name + "missed" + part, missed / all);
        scores.put(name + "stretch" + part, stretch / tokens.length);
    }

    private void put(String name, int[] tokens, IntToDoubleFunction what) {
        scores.put(name, IntStream.of(tokens).mapToDouble(what).average().orElse(Double.NaN));
    }

    private double[] k(int sublayer, int token) {
        return sublayers.get(sublayer).direction()[token];
    }

    private DeltaOperator operator(int sublayer, int token) {
        double gate = erases ? sublayers.get(sublayer).gate()[token] : 0;
        return DeltaOperator.of(gate, k(sublayer, token));
    }

    private DeltaProduct product(int from, int to, int token) {
        List<DeltaOperator> all = new ArrayList<>();
        for (int i = from; i < to; i++) {
            all.add(operator(i, token));
        }
        return DeltaProduct.of(all);
    }

    private double fromReflection(int row, DeltaOperator... operators) {
        DeltaOperator h = DeltaOperator.of(2, DeltaOperator.direction(Nd4j.createFromArray(exact[row]), 0));
        return norm(DeltaProduct.of(operators).matrix().sub(h.matrix())) / 2;
    }

    private static double norm(INDArray matrix) {
        return matrix.norm2Number().doubleValue();
    }

    private int row(int token) {
        return token / batch.T();
    }

    /** The next row whose two symbols are two others. */
    private int stranger(int row) {
        return IntStream.range(1, batch.B())
                .map(i -> (row + i) % batch.B())
                .filter(other -> !shares(row, other))
                .findFirst()
                .orElse(row);
    }

    private boolean shares(int row, int other) {
        for (int r = 0; r < 2; r++) {
            int query = task.query(batch, row, r);
            if (query == task.query(batch, other, 0) || query == task.query(batch, other, 1)) {
                return true;
            }
        }
        return false;
    }

    /** The first of these tokens in a later row, or else the first of all. */
    private int next(int[] tokens, int token) {
        for (int n : tokens) {
            if (row(n) > row(token)) {
                return n;
            }
        }
        return tokens[0];
    }
}
