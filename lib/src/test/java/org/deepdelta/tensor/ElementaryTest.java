package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

final class ElementaryTest {
    /** Every so many of the 2^32 bit patterns; odd, so that all mantissas and exponents are met. */
    private static final int STEP = 4099;

    @Test
    void expIsWithinOneUlp() {
        assertWithin(1.0, Elementary::exp, x -> x < -87.336540 ? 0 : StrictMath.exp(x));
    }

    @Test
    void sigmoidIsWithinItsBound() {
        assertWithin(2.5, Elementary::sigmoid, x -> x < -88.72284 ? 0 : 1 / (1 + StrictMath.exp(-x)));
    }

    @Test
    void tanhIsWithinItsBound() {
        assertWithin(2.0, Elementary::tanh, StrictMath::tanh);
    }

    @Test
    void edges() {
        assertEquals(1f, one(Elementary::exp, 0f));
        assertEquals(1f, one(Elementary::exp, -0f));
        assertEquals(Float.POSITIVE_INFINITY, one(Elementary::exp, Float.POSITIVE_INFINITY));
        assertEquals(0f, one(Elementary::exp, Float.NEGATIVE_INFINITY));
        assertTrue(Float.isNaN(one(Elementary::exp, Float.NaN)));
        assertTrue(Float.isNaN(one(Elementary::sigmoid, Float.NaN)));
        assertTrue(Float.isNaN(one(Elementary::tanh, Float.NaN)));
        assertEquals(0f, one(Elementary::exp, -103.5f));
        assertTrue(Float.isNaN(one(Elementary::exp, Float.intBitsToFloat(0x7fc12345))));
        assertEquals(0.5f, one(Elementary::sigmoid, 0f));
        assertEquals(1f, one(Elementary::tanh, 100f));
        assertEquals(-1f, one(Elementary::tanh, Float.NEGATIVE_INFINITY));
    }

    private static float one(UnaryOperator<FloatVector> f, float x) {
        return f.apply(Lanes.all(x)).lane(Lanes.WIDTH - 1);
    }

    private static void assertWithin(double bound, UnaryOperator<FloatVector> f, DoubleUnaryOperator exact) {
        float[] x = new float[Lanes.WIDTH];
        float[] y = new float[Lanes.WIDTH];
        double worst = 0;
        float where = 0;
        long pattern = Integer.MIN_VALUE;
        while (pattern <= Integer.MAX_VALUE) {
            for (int i = 0; i < x.length; i++, pattern += STEP) {
                float value = Float.intBitsToFloat((int) pattern);
                x[i] = Float.isNaN(value) ? 1 : value;
            }
            f.apply(FloatVector.fromArray(Lanes.SPECIES, x, 0)).intoArray(y, 0);
            for (int i = 0; i < x.length; i++) {
                double wanted = exact.applyAsDouble(x[i]);
                double error = error(y[i], wanted);
                if (!(error <= worst)) {
                    worst = error;
                    where = x[i];
                }
            }
        }
        assertTrue(worst < bound, String.format(Locale.ROOT, "worst error %.3f ulp at %s (%a)", worst, where, where));
    }

    /** In units in the last place of the float nearest to the exact value. */
    private static double error(float actual, double wanted) {
        float nearest = (float) wanted;
        if (actual == nearest) {
            return 0;
        }
        if (Float.isInfinite(actual)) {
            return (StrictMath.scalb(1.0, 128) - Math.abs(wanted)) / Math.ulp(Float.MAX_VALUE);
        }
        double ulp = Float.isInfinite(nearest) ? Math.ulp(Float.MAX_VALUE) : Math.ulp(nearest);
        return Math.abs(actual - wanted) / ulp;
    }
}
