package org.deepdelta.tensor;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exponential, logistic sigmoid and hyperbolic tangent of vectors of floats, made of additions, products and fused multiply-adds alone, so
 * that the same number comes out interpreted and compiled, in every lane and at every vector width.
 *
 * <p>exp: x = n ln 2 + r with |r| &lt;= ln 2 / 2, e^r = 1 + r + r^2 g(r) with a minimax polynomial g, then scaled by 2^n in two exact steps,
 * so that overflow, underflow and denormal results are right. The largest errors, in units in the last place, over all floats are what the
 * test asserts: exp below 1, sigmoid below 2.5 (but 0 where it would be denormal, below -88.7), tanh below 2.
 */
public final class Elementary {
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, Lanes.SPECIES.vectorShape());

    /** Above it exp is infinite, below {@link #LOWEST} it is zero. */
    private static final float HIGHEST = 88.72284f;

    private static final float LOWEST = -103.97208f;

    /** Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits. */
    private static final float ROUNDER = 12582912f;

    private static final float LOG2_E = 1.442695f;
    private static final float LN2_HIGH = 0.6931471824645996f;
    private static final float LN2_LOW = -1.9046542121259336e-09f;

    private static final float[] EXP = {
        0.5f,
        0.1666666567325592f,
        0.04166629537940025f,
        0.008333497680723667f,
        0.0013944758102297783f,
        0.00019790243823081255f
    };
    private static final float[] TANH = {
        -0.3333328068256378f, 0.1333143562078476f, -0.053739115595817566f, 0.020637042820453644f, -0.005702608730643988f
    };

    /** Below it tanh is a polynomial, above it follows from exp. */
    private static final float TANH_SPLIT = 0.625f;

    private Elementary() {}

    /** e^x. */
    public static FloatVector exp(FloatVector x) {
        FloatVector shifted = x.fma(Lanes.all(LOG2_E), Lanes.all(ROUNDER));
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(Lanes.all(-LN2_LOW), n.fma(Lanes.all(-LN2_HIGH), x));
        FloatVector g = Lanes.all(EXP[5])
                .fma(r, Lanes.all(EXP[4]))
                .fma(r, Lanes.all(EXP[3]))
                .fma(r, Lanes.all(EXP[2]))
                .fma(r, Lanes.all(EXP[1]))
                .fma(r, Lanes.all(EXP[0]));
        FloatVector y = r.mul(r).fma(g, r).add(1f);
        IntVector power = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUNDER));
        IntVector half = power.lanewise(VectorOperators.ASHR, 1);
        y = y.mul(powerOf2(half)).mul(powerOf2(power.sub(half)));
        VectorMask<Float> over = x.compare(VectorOperators.GT, HIGHEST);
        VectorMask<Float> under = x.compare(VectorOperators.LT, LOWEST);
        return y.blend(Float.POSITIVE_INFINITY, over).blend(0f, under);
    }

    /** 1 / (1 + e^-x). */
    public static FloatVector sigmoid(FloatVector x) {
        return Lanes.all(1f).div(exp(x.neg()).add(1f));
    }

    /** Hyperbolic tangent. */
    public static FloatVector tanh(FloatVector x) {
        FloatVector z = x.mul(x);
        FloatVector p = Lanes.all(TANH[4])
                .fma(z, Lanes.all(TANH[3]))
                .fma(z, Lanes.all(TANH[2]))
                .fma(z, Lanes.all(TANH[1]))
                .fma(z, Lanes.all(TANH[0]));
        FloatVector small = x.mul(z).fma(p, x);
        FloatVector size = x.abs();
        FloatVector far =
                Lanes.all(1f).sub(Lanes.all(2f).div(exp(size.add(size)).add(1f)));
        FloatVector large = far.blend(far.neg(), x.compare(VectorOperators.LT, 0f));
        VectorMask<Float> near = size.compare(VectorOperators.LT, TANH_SPLIT);
        return large.blend(small, near);
    }

    private static FloatVector powerOf2(IntVector n) {
        return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }
}
