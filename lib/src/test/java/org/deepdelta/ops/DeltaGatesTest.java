package org.deepdelta.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deepdelta.ops.delta.Delta;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Gradients;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gates of a rewrite beside each other. */
final class DeltaGatesTest {
    private final Device device = Device.reference();
    private final Tape t = Tape.recording(device, device.arena());
    private final Tensor[] x =
            Gradients.random(3, Shape.of(2, 3, 7, 2), Shape.of(2, 3, 7), Shape.of(2, 3, 2), Shape.of(2, 3, 1));
    private final Tensor beta = x[3];

    @BeforeEach
    void differentiateAll() {
        for (Tensor tensor : x) {
            t.variable(tensor);
        }
    }

    private double[][] gradients(Tensor y) {
        t.clearGradients();
        t.backward(t.sum(t.multiply(y, y)));
        double[][] gradients = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            gradients[i] = t.gradient(x[i]).toDoubles();
        }
        return gradients;
    }

    private static void assertClose(double[][] expected, double[][] actual) {
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], actual[i], 1e-12);
        }
    }

    @Test
    void equalSeparateGatesAreAShared() {
        Tensor shared = Delta.rewrite(t, x[0], x[1], x[2], beta, 1e-5);
        Tensor separate = new Delta(1e-5, Delta.Gates.SEPARATE).apply(t, x[0], x[1], x[2], beta, beta);
        assertArrayEquals(shared.toDoubles(), separate.toDoubles(), 1e-14);
        assertClose(gradients(shared), gradients(separate));
    }

    @Test
    void aClosedEraserOnlyWrites() {
        Tensor closed = t.scale(beta, 0);
        Tensor separate = new Delta(1e-5, Delta.Gates.SEPARATE).apply(t, x[0], x[1], x[2], closed, beta);
        Tensor written = new Delta(1e-5, Delta.Gates.WRITE_ONLY).apply(t, x[0], x[1], x[2], beta);
        assertArrayEquals(separate.toDoubles(), written.toDoubles(), 1e-14);
        assertClose(gradients(separate), gradients(written));
    }

    @Test
    void aGateThatDoesNotFitIsNamed() {
        String message = assertThrows(IllegalArgumentException.class, () -> new Delta(1e-5, Delta.Gates.SEPARATE)
                        .apply(t, x[0], x[1], x[2], beta, x[2]))
                .getMessage();
        assertTrue(message.contains("delta: write") && message.contains("[2, 3, 2]"), message);
    }
}
