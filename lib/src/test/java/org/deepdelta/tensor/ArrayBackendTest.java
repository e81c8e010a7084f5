package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.ops.embedding.Embedding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the profile nd4j-cuda asks of the library, as far as it shows without a GPU. */
final class ArrayBackendTest {

    @Test
    void theCpuBackendIsOnThisClassPath() {
        assertFalse(ArrayBackend.onGpu());
        assertDoesNotThrow(ArrayBackend::require);
    }

    @ParameterizedTest
    @ValueSource(ints = {37, 75, 86, 89})
    void gpusUpToAdaAreTaken(int capability) {
        assertDoesNotThrow(() -> ArrayBackend.expect(capability));
    }

    @ParameterizedTest
    @ValueSource(ints = {90, 100, 120})
    void newerOnesAreSentToTheOtherProfile(int capability) {
        String message = assertThrows(IllegalStateException.class, () -> ArrayBackend.expect(capability))
                .getMessage();
        assertTrue(message.contains(capability / 10 + ".0"), message);
        assertTrue(message.contains("profile cuda") && message.contains("device cuda"), message);
    }

    /** Where ND4J's arrays cannot lie in this memory, references run on copies and give the same bits. */
    @Test
    void referencesRunOnCopiesToo() {
        List<double[]> views = run(new CpuDevice(false, true));
        List<double[]> copies = run(new CpuDevice(false, false));
        for (int i = 0; i < views.size(); i++) {
            assertArrayEquals(views.get(i), copies.get(i));
        }
        Tensor outside = new CpuDevice(false, false).allocate(Spec.of(DType.F32, Shape.of(2)));
        assertThrows(UnsupportedOperationException.class, outside::view);
        assertArrayEquals(new float[2], outside.toArray().toFloatVector());
    }

    private static List<double[]> run(Device device) {
        List<double[]> results = new ArrayList<>();
        for (DType type : new DType[] {DType.F64, DType.F32}) {
            Tape t = Tape.recording(device, device.arena());
            Tensor table = t.variable(random(device, type, 1, 5, 6));
            Tensor ids = device.allocate(Spec.of(DType.I32, Shape.of(2, 3))).set(1, 0, 4, 1, 1, 2);
            Tensor e = Embedding.apply(t, table, ids);
            Tensor beta = t.sigmoid(t.sum(e, 2));
            Tensor x = t.variable(random(device, type, 2, 2, 3, 6, 2));
            Tensor v = random(device, type, 3, 2, 3, 2);
            Tensor y = Delta.rewrite(t, x, e, v, beta, 1e-5);
            Tensor loss = t.sum(t.multiply(y, y));
            t.backward(loss);
            results.add(loss.toDoubles());
            results.add(t.gradient(table).toDoubles());
            results.add(t.gradient(x).toDoubles());
        }
        return results;
    }

    private static Tensor random(Device device, DType type, int seed, long... sizes) {
        Rng rng = Rng.of(seed, "array backend");
        Tensor tensor = device.allocate(Spec.of(type, Shape.of(sizes)));
        double[] values = new double[(int) tensor.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = rng.normal(i);
        }
        return tensor.set(values);
    }
}
