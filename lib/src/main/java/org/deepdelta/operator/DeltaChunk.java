package org.deepdelta.operator;

import java.util.Arrays;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * n complete updates X_t = (I - beta_t k_t k_t') X_(t-1) + beta_t k_t v_t' (Eq. 2.1; over time, Eq. B.1) whose directions,
 * targets and gates do not depend on the state, as one update that reads, compares and writes n directions at once:
 *
 * <pre>
 *   X_n = X_0 + W (V - K X_0),      K [n, d]: row t is k_t,   V [n, dv]: row t is v_t,   W [d, n]
 * </pre>
 *
 * <p>Derivation: step t adds k_t u_t' with u_t = beta_t (v_t - X_(t-1)' k_t). With X_(t-1) = X_0 + sum over i &lt; t of
 * k_i u_i', the rows u_t' of U [n, dv] solve a triangular system that holds nothing of the states between,
 *
 * <pre>
 *   (I + L) U = diag(beta) (V - K X_0),   L_ti = beta_t k_t'k_i for i &lt; t, else 0
 *   T = (I + L)^-1 diag(beta),   U = T (V - K X_0),   W = K' T
 * </pre>
 *
 * <p>so a chunk costs a few matrix products and one triangular inverse, in place of n steps that wait for each other. The
 * shortcuts alone (V = 0) are P = I - W K, the W and Y = K' of {@link DeltaProduct}.
 *
 * <p>Immutable; methods return new arrays. Source: the WY form of Bischof and Van Loan 1987; in chunks, for DeltaNet, Yang
 * et al. 2024, Parallelizing linear transformers with the delta rule over sequence length.
 */
public final class DeltaChunk {

    private final INDArray keys;
    private final INDArray targets;
    private final INDArray solve;
    private final INDArray w;

    private DeltaChunk(INDArray keys, INDArray targets, INDArray solve) {
        this.keys = keys;
        this.targets = targets;
        this.solve = solve;
        this.w = keys.transpose().mmul(solve);
    }

    /**
     * The updates with these directions, targets and gates; the first acts first.
     *
     * @param keys K [n, d], rows of any length; n and d at least 1
     * @param targets V [n, dv]
     * @param gates beta [n]
     * @throws IllegalArgumentException if a shape does not fit or a gate or key is not finite
     */
    public static DeltaChunk of(INDArray keys, INDArray targets, INDArray gates) {
        expect("keys", keys, -1, -1);
        expect("targets", targets, keys.size(0), -1);
        expect("gates", gates, keys.size(0));
        INDArray k = keys.castTo(DataType.DOUBLE).dup('c');
        double[] beta = gates.castTo(DataType.DOUBLE).dup('c').data().asDouble();
        INDArray gram = k.mmul(k.transpose());
        return new DeltaChunk(k, targets.castTo(DataType.DOUBLE).dup('c'), solve(gram, beta));
    }

    /** T = (I + L)^-1 diag(beta) [n, n], lower triangular, from K K' (dtrtri). */
    private static INDArray solve(INDArray gram, double[] beta) {
        int n = beta.length;
        double[] t = gram.dup('c').data().asDouble();
        for (int row = 0; row < n; row++) {
            for (int i = 0; i < n; i++) {
                t[row * n + i] = i < row ? beta[row] * t[row * n + i] : i == row ? 1 : 0;
                requireFinite(t[row * n + i] + beta[row]);
            }
        }
        openblas.LAPACKE_dtrtri(openblas.LAPACK_ROW_MAJOR, (byte) 'L', (byte) 'U', n, t, n);
        for (int at = 0; at < t.length; at++) {
            t[at] *= beta[at % n];
        }
        return Nd4j.createFromArray(t).reshape(n, n);
    }

    /**
     * This chunk, then a later one, as one: W of the two is [P_later W_this, W_later]. The grouping of three does not
     * matter, so chunks can be joined in any order that keeps their sequence.
     *
     * @throws IllegalArgumentException if widths or target widths differ
     */
    public DeltaChunk then(DeltaChunk later) {
        expect("keys of the later chunk", later.keys, -1, dimension());
        expect("targets of the later chunk", later.targets, -1, targets.size(1));
        INDArray both = Nd4j.zeros(DataType.DOUBLE, size() + later.size(), size() + later.size());
        INDArray across = later.solve.mmul(later.keys.mmul(keys.transpose()).mmul(solve));
        place(both, solve, 0, 0);
        place(both, later.solve, size(), size());
        place(both, across.neg(), size(), 0);
        return new DeltaChunk(Nd4j.vstack(keys, later.keys), Nd4j.vstack(targets, later.targets), both);
    }

    /**
     * X_n = X_0 + W (V - K X_0).
     *
     * @param state X_0 [d, dv]
     * @return [d, dv]
     */
    public INDArray apply(INDArray state) {
        return start(state).add(w.mmul(missing(state)));
    }

    /**
     * What each state gives back for a query of its own, q_t' X_t: Q X_0 + (Q K' on and below the diagonal) U, the outputs of
     * a DeltaNet layer, without a state in between.
     *
     * @param state X_0 [d, dv]
     * @param queries Q [n, d]
     * @return [n, dv]
     */
    public INDArray reads(INDArray state, INDArray queries) {
        expect("queries", queries, size(), dimension());
        INDArray q = queries.castTo(DataType.DOUBLE);
        INDArray scores = q.mmul(keys.transpose());
        for (int t = 0; t < size(); t++) {
            for (int i = t + 1; i < size(); i++) {
                scores.putScalar(t, i, 0);
            }
        }
        return q.mmul(start(state)).add(scores.mmul(solve.mmul(missing(state))));
    }

    /** The number n of updates. */
    public int size() {
        return (int) keys.size(0);
    }

    /** The width d. */
    public int dimension() {
        return (int) keys.size(1);
    }

    /** W [d, n], a copy: column t is what is left at the end of beta_t k_t, after all later shortcuts. */
    public INDArray w() {
        return w.dup();
    }

    /** The shortcuts alone, P = I - W K [d, d]. */
    public INDArray shortcut() {
        return Nd4j.eye(dimension()).castTo(DataType.DOUBLE).sub(w.mmul(keys));
    }

    /** V - K X_0 [n, dv]. */
    private INDArray missing(INDArray state) {
        return targets.sub(keys.mmul(start(state)));
    }

    private INDArray start(INDArray state) {
        expect("state", state, dimension(), targets.size(1));
        return state.castTo(DataType.DOUBLE);
    }

    private static void place(INDArray into, INDArray block, int row, int column) {
        into.get(NDArrayIndex.interval(row, row + block.size(0)), NDArrayIndex.interval(column, column + block.size(1)))
                .assign(block);
    }

    /** Refuses an array of another shape; -1 stands for any size of at least one. */
    private static void expect(String name, INDArray array, long... shape) {
        boolean fits = array.rank() == shape.length;
        for (int axis = 0; fits && axis < shape.length; axis++) {
            fits = shape[axis] == -1 ? array.size(axis) > 0 : array.size(axis) == shape[axis];
        }
        if (!fits) {
            throw new IllegalArgumentException(name + ": expected shape " + Arrays.toString(shape) + " (-1: any), got "
                    + Arrays.toString(array.shape()));
        }
    }

    private static void requireFinite(double number) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException("keys, gates: expected finite numbers, got " + number);
        }
    }
}
