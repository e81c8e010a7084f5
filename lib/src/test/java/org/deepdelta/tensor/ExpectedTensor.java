package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Locale;

/**
 * What a tensor should hold. Tolerances are relative to its largest entry.
 *
 * @param what it is, for the failure
 * @param values its elements
 */
public record ExpectedTensor(String what, double[] values) {

    /** The largest absolute value. */
    public double largest() {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    /** Fails if an element is off by more than this part of the largest entry, or is no number. */
    public void assertNear(double[] actual, double relative) {
        assertNear(actual, relative, 0);
    }

    /** The same with something added to the tolerance, for a tensor that is nearly zero. */
    public void assertNear(double[] actual, double relative, double absolute) {
        assertEquals(values.length, actual.length, what);
        double allowed = relative * largest() + absolute;
        for (int i = 0; i < values.length; i++) {
            if (!(Math.abs(actual[i] - values[i]) <= allowed)) {
                throw new AssertionError(String.format(
                        Locale.ROOT,
                        "%s, element %d: expected %g, got %g; allowed is a difference of %g",
                        what,
                        i,
                        values[i],
                        actual[i],
                        allowed));
            }
        }
    }
}
