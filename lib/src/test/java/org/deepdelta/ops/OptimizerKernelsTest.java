package org.deepdelta.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.deepdelta.ops.adamw.AdamW;
import org.deepdelta.ops.gradientsum.GradientSum;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OptimizerKernelsTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 17, 4096, 9001})
    void adamw(int n) {
        double[][] expected = adamw(Device.reference(), DType.F64, n);
        double[][] actual = adamw(Device.cpu(), DType.F32, n);
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(expected[i], actual[i], 1e-6);
        }
    }

    private static double[][] adamw(Device device, DType type, int n) {
        Tape t = Tape.evaluating(device, device.arena());
        Tensor p = normal(device, type, n, 1);
        Tensor g = normal(device, type, n, 2);
        Tensor m = device.allocate(p.spec());
        Tensor v = device.allocate(p.spec());
        for (int step = 1; step <= 3; step++) {
            new AdamW(0.01, 0.9, 0.95, 1e-8, 0.1, 0.5, step).update(t, p, g, m, v);
        }
        assertEquals(3, t.ran().get("adamw " + (type == DType.F32 ? "cpu" : "reference")));
        return new double[][] {p.toDoubles(), m.toDoubles(), v.toDoubles()};
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 17, 4096, 9001})
    void gradientSum(int n) {
        for (int shards = 1; shards <= 3; shards++) {
            double[][] sums = new double[2][];
            double[] squares = new double[2];
            for (int i = 0; i < 2; i++) {
                Device device = i == 0 ? Device.reference() : Device.cpu();
                Tensor[] gradients = new Tensor[shards];
                for (int s = 0; s < shards; s++) {
                    gradients[s] = normal(device, i == 0 ? DType.F64 : DType.F32, n, s);
                }
                Tape t = Tape.evaluating(device, device.arena());
                squares[i] = GradientSum.intoFirst(t, gradients);
                sums[i] = gradients[0].toDoubles();
            }
            assertArrayEquals(sums[0], sums[1], 1e-6);
            assertEquals(squares[0], squares[1], 1e-6 * squares[0]);
        }
    }

    private static Tensor normal(Device device, DType type, int n, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return device.allocate(Spec.of(type, Shape.of(n))).set(values);
    }
}
