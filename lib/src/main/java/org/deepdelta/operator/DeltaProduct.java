package org.deepdelta.operator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The product of n frozen shortcuts, P = A_n ... A_1 (A_1 acts first), as P = I - W Y' with W and Y [d, n]. Column j of Y is
 * k_j; multiplying by one more shortcut, A (I - W Y') = I - (A W) Y' - beta k k', sends every column of W through it and
 * appends beta k.
 *
 * <p>Immutable; the width is fixed by the first operator.
 */
public final class DeltaProduct {

    private final List<DeltaOperator> operators;
    private final INDArray w;
    private final INDArray y;

    private DeltaProduct(List<DeltaOperator> operators, INDArray w, INDArray y) {
        this.operators = operators;
        this.w = w;
        this.y = y;
    }

    /**
     * The product of these operators, the first of which acts first.
     *
     * @throws IllegalArgumentException if there is none or their widths differ
     */
    public static DeltaProduct of(List<DeltaOperator> operators) {
        if (operators.isEmpty()) {
            throw new IllegalArgumentException("operators: expected at least one, got none");
        }
        List<DeltaProduct> all = prefixes(operators);
        return all.get(all.size() - 1);
    }

    /** As {@link #of(List)}. */
    public static DeltaProduct of(DeltaOperator... operators) {
        return of(Arrays.asList(operators));
    }

    /**
     * A product of n shortcuts with one gate and independent unit directions, uniform on the sphere. The same seed with a
     * larger n continues the same sequence of directions.
     *
     * @param d the width
     * @param n the number of shortcuts, at least 1
     * @param beta the gate of all
     * @param seed of the directions
     */
    public static DeltaProduct random(int d, int n, double beta, long seed) {
        Random random = new Random(seed);
        List<DeltaOperator> operators = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            INDArray raw = Nd4j.createFromArray(
                    DoubleStream.generate(random::nextGaussian).limit(d).toArray());
            operators.add(DeltaOperator.of(beta, DeltaOperator.direction(raw, 0)));
        }
        return of(operators);
    }

    /** This product followed by one more shortcut: A P. */
    public DeltaProduct then(DeltaOperator next) {
        if (next.dimension() != dimension()) {
            throw new IllegalArgumentException(
                    "next: expected an operator of width d = " + dimension() + ", got " + next.dimension());
        }
        List<DeltaOperator> longer = new ArrayList<>(operators);
        longer.add(next);
        DeltaProduct one = single(next);
        return new DeltaProduct(List.copyOf(longer), Nd4j.hstack(next.apply(w), one.w), Nd4j.hstack(y, one.y));
    }

    /** The products of the first 1, 2, ... n operators: the network at every depth. */
    public List<DeltaProduct> prefixes() {
        return prefixes(operators);
    }

    /** The operators, the first of which acts first. */
    public List<DeltaOperator> operators() {
        return operators;
    }

    /** The width d. */
    public int dimension() {
        return (int) w.size(0);
    }

    /** The number n of shortcuts. */
    public int size() {
        return operators.size();
    }

    /** W [d, n], a copy. */
    public INDArray w() {
        return w.dup();
    }

    /** Y [d, n], a copy: column j is k_j. */
    public INDArray y() {
        return y.dup();
    }

    /**
     * P X = X - W (Y' X), without forming P.
     *
     * @param state X [d] or [d, dv]
     * @return the same shape
     * @throws IllegalArgumentException if the state has another width
     */
    public INDArray apply(INDArray state) {
        boolean fits = (state.rank() == 1 || state.rank() == 2) && state.size(0) == dimension();
        if (!fits) {
            throw new IllegalArgumentException("state: expected [d] or [d, dv] with d = " + dimension() + ", got "
                    + Arrays.toString(state.shape()));
        }
        INDArray x = state.castTo(DataType.DOUBLE).reshape(dimension(), -1);
        return x.sub(w.mmul(y.transpose().mmul(x))).reshape(state.shape());
    }

    /** P as a matrix [d, d]. */
    public INDArray matrix() {
        return Nd4j.eye(dimension()).castTo(DataType.DOUBLE).sub(w.mmul(y.transpose()));
    }

    /** det P, the product of the determinants 1 - beta_j |k_j|^2. */
    public double determinant() {
        return operators.stream().mapToDouble(DeltaOperator::determinant).reduce(1, (a, b) -> a * b);
    }

    /**
     * The eigenvalues of P. For n &lt; d only a matrix of n x n is decomposed: W Y' and Y' W share their eigenvalues but for
     * zeros, so P has those of I - Y' W [n, n] and d - n times 1.
     */
    public Spectrum spectrum() {
        int d = dimension();
        int n = size();
        if (n >= d) {
            return NumericalMatrix.of(matrix()).spectrum();
        }
        INDArray small = Nd4j.eye(n).castTo(DataType.DOUBLE).sub(y.transpose().mmul(w));
        Spectrum inner = NumericalMatrix.of(small).spectrum();
        double[] re = Arrays.copyOf(inner.re(), d);
        Arrays.fill(re, n, d, 1);
        return new Spectrum(re, Arrays.copyOf(inner.im(), d));
    }

    private static List<DeltaProduct> prefixes(List<DeltaOperator> operators) {
        List<DeltaProduct> products = new ArrayList<>();
        for (DeltaOperator next : operators) {
            products.add(
                    products.isEmpty()
                            ? single(next)
                            : products.get(products.size() - 1).then(next));
        }
        return products;
    }

    private static DeltaProduct single(DeltaOperator operator) {
        INDArray column = operator.k().reshape(operator.dimension(), 1);
        return new DeltaProduct(List.of(operator), column.mul(operator.beta()), column);
    }
}
