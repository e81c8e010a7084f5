package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PrimitiveKernelTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 17, 1024, 2500})
    void agreeWithTheirReferences(int n) {
        check(n, "add", (t, ab) -> t.add(ab[0], ab[1]));
        check(n, "subtract", (t, ab) -> t.subtract(ab[0], ab[1]));
        check(n, "multiply", (t, ab) -> t.multiply(ab[0], ab[1]));
        check(n, "scale", (t, ab) -> t.scale(ab[0], -1.7));
        check(n, "sigmoid", (t, ab) -> t.sigmoid(ab[0]));
        check(n, "tanh", (t, ab) -> t.tanh(ab[0]));
    }

    @Test
    void broadcastingIsLeftToTheReference() {
        Tape t = Tape.evaluating(Device.cpu(), Device.cpu().arena());
        Tensor a = Device.cpu().allocate(Spec.of(DType.F32, Shape.of(3, 2)));
        Tensor b = Device.cpu().allocate(Spec.of(DType.F32, Shape.of(2)));
        t.add(a, b);
        assertEquals(Map.of("add reference", 1), t.ran());
    }

    private static void check(int n, String name, BiFunction<Tape, Tensor[], Tensor> f) {
        double[][] expected = run(Device.reference(), DType.F64, n, name + " reference", f);
        double[][] actual = run(Device.cpu(), DType.F32, n, name + " cpu", f);
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], actual[i], 2e-5, name + " tensor " + i);
        }
    }

    private static double[][] run(Device device, DType type, int n, String ran, BiFunction<Tape, Tensor[], Tensor> f) {
        Arena arena = device.arena();
        device.fill(arena.allocate(Spec.of(type, Shape.of(50_000))), Double.NaN);
        arena.reset();
        Tape t = Tape.recording(device, arena);
        SplittableRandom random = new SplittableRandom(n);
        Tensor[] in = new Tensor[3];
        for (int i = 0; i < in.length; i++) {
            double[] values = new double[n];
            for (int j = 0; j < n; j++) {
                values[j] = (float) (2 * random.nextGaussian());
            }
            in[i] = device.allocate(Spec.of(type, Shape.of(n))).set(values);
        }
        t.variable(in[0]);
        t.variable(in[1]);
        Tensor once = f.apply(t, in);
        assertEquals(Map.of(ran, 1), t.ran());
        Tensor y = t.add(once, f.apply(t, in));
        t.backward(y, in[2]);
        Tensor second = t.gradient(in[1]);
        return new double[][] {
            y.toDoubles(), t.gradient(in[0]).toDoubles(), second == null ? new double[0] : second.toDoubles()
        };
    }
}
