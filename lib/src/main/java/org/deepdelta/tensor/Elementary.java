package org.deepdelta.tensor;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Exponential, logistic sigmoid and hyperbolic tangent of vectors of floats, made of additions, products and fused multiply-adds alone, so
 * that the same number comes out interpreted and compiled, in every lane and at every vector width.
 *
 * <p>exp: x = n ln 2 + r with |r| &lt;= ln 2 / 2, e^r = 1 + r + r^2 g(r) with a minimax polynomial g, and n added to the exponent. The
 * largest errors over all floats, in units in the last place, are what the test asserts: exp below 1, sigmoid below 2.5, tanh below 2.
 * Where exp or sigmoid would be denormal (below 1.2e-38) they are 0.
 *
 * <p>Constants are vectors and operations few for a reason beyond speed: C2 stops inlining a method after 18,000 nodes, some 400 an
 * operation, and what it no longer inlines it calls with vectors as objects, ten times slower. A kernel keeps to about thirty operations a
 * method.
 */
public final class Elementary {
    /** Above it exp is infinite, below {@link #LOWEST} it is zero. */
    private static final FloatVector HIGHEST = Lanes.all(88.72284f);

    private static final FloatVector LOWEST = Lanes.all(-87.33654f);

    /** Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits. */
    private static final FloatVector ROUNDER = Lanes.all(12582912f);

    private static final FloatVector LOG2_E = Lanes.all(1.442695f);
    private static final FloatVector MINUS_LN2_HIGH = Lanes.all(-0.6931471824645996f);
    private static final FloatVector MINUS_LN2_LOW = Lanes.all(1.9046542121259336e-09f);
    private static final FloatVector EXP_0 = Lanes.all(0.5f);
    private static final FloatVector EXP_1 = Lanes.all(0.1666666567325592f);
    private static final FloatVector EXP_2 = Lanes.all(0.04166629537940025f);
    private static final FloatVector EXP_3 = Lanes.all(0.008333497680723667f);
    private static final FloatVector EXP_4 = Lanes.all(0.0013944758102297783f);
    private static final FloatVector EXP_5 = Lanes.all(0.00019790243823081255f);

    private static final FloatVector TANH_0 = Lanes.all(-0.3333328068256378f);
    private static final FloatVector TANH_1 = Lanes.all(0.1333143562078476f);
    private static final FloatVector TANH_2 = Lanes.all(-0.053739115595817566f);
    private static final FloatVector TANH_3 = Lanes.all(0.020637042820453644f);
    private static final FloatVector TANH_4 = Lanes.all(-0.005702608730643988f);

    /** Below it tanh is a polynomial, above it follows from exp. */
    private static final FloatVector TANH_SPLIT = Lanes.all(0.625f);

    private static final FloatVector ZERO = Lanes.zero();
    private static final FloatVector ONE = Lanes.all(1);
    private static final FloatVector TWO = Lanes.all(2);
    private static final FloatVector INFINITE = Lanes.all(Float.POSITIVE_INFINITY);

    private Elementary() {}

    /** e^x. */
    public static FloatVector exp(FloatVector x) {
        FloatVector shifted = x.fma(LOG2_E, ROUNDER);
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
        FloatVector g =
                EXP_5.fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2).fma(r, EXP_1).fma(r, EXP_0);
        FloatVector y = r.mul(r).fma(g, r).add(ONE);
        IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        FloatVector scaled = y.reinterpretAsInts().add(exponent).reinterpretAsFloats();
        // x * infinity is what belongs above the range, and a NaN stays one.
        return x.mul(INFINITE)
                .blend(scaled, x.compare(VectorOperators.LE, HIGHEST))
                .blend(ZERO, x.compare(VectorOperators.LT, LOWEST));
    }

    /** 1 / (1 + e^-x). */
    public static FloatVector sigmoid(FloatVector x) {
        return ONE.div(exp(x.neg()).add(ONE));
    }

    /** Hyperbolic tangent. */
    public static FloatVector tanh(FloatVector x) {
        FloatVector z = x.mul(x);
        FloatVector p = TANH_4.fma(z, TANH_3).fma(z, TANH_2).fma(z, TANH_1).fma(z, TANH_0);
        FloatVector small = x.mul(z).fma(p, x);
        FloatVector size = x.abs();
        FloatVector far = ONE.sub(TWO.div(exp(size.add(size)).add(ONE)));
        FloatVector large = far.blend(far.neg(), x.compare(VectorOperators.LT, ZERO));
        return large.blend(small, size.compare(VectorOperators.LT, TANH_SPLIT));
    }
}
