package org.deepdelta.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.deepdelta.ops.linear.Linear;
import org.deepdelta.ops.rmsnorm.RmsNormalize;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Gradients;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** A state that is stored channel-major is computed on as what it is, also by kernels that only know rows. */
final class ChannelMajorTest {
    private final Device device = Device.cpu();
    private final Tape t = Tape.recording(device, device.arena());

    private Tensor random(long... sizes) {
        Tensor wide = Gradients.random(4, Shape.of(sizes))[0];
        return t.variable(device.allocate(Spec.of(DType.F32, Shape.of(sizes))).set(wide.toDoubles()));
    }

    @Test
    void storageChangesNoValue() {
        Tensor state = random(2, 3, 5, 3);
        Tensor stored = t.store(state, true);
        Tensor weight = random(4, 3);
        Tensor scale = random(3);
        assertArrayEquals(
                Linear.apply(t, state, weight).toDoubles(),
                Linear.apply(t, stored, weight).toDoubles(),
                1e-6);
        Tensor normed = RmsNormalize.apply(t, stored, scale, 1e-5);
        assertArrayEquals(RmsNormalize.apply(t, state, scale, 1e-5).toDoubles(), normed.toDoubles(), 1e-6);
        t.backward(t.sum(normed));
        double[] through = t.gradient(state).toDoubles();
        t.clearGradients();
        t.backward(t.sum(RmsNormalize.apply(t, state, scale, 1e-5)));
        assertArrayEquals(t.gradient(state).toDoubles(), through, 1e-5);
        assertEquals(1, t.ran().get("linear reference"));
    }
}
