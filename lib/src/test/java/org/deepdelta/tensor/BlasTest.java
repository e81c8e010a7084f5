package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class BlasTest {
    private final Device device = Device.reference();

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void multipliesWithStridesAndTransposes(DType type) {
        multiplies(type, 5);
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void multipliesASingleRow(DType type) {
        multiplies(type, 1);
    }

    private void multiplies(DType type, int m) {
        double tolerance = type == DType.F32 ? 1e-5 : 1e-13;
        int n = 7;
        int k = 3;
        for (boolean transposeA : new boolean[] {false, true}) {
            for (boolean transposeB : new boolean[] {false, true}) {
                Tensor a = random(type, transposeA ? k : m, (transposeA ? m : k) + 4);
                Tensor b = random(type, transposeB ? n : k, (transposeB ? k : n) + 2);
                Tensor c = random(type, m, n + 1);
                double[] expected = c.toDoubles();
                double[] av = a.toDoubles();
                double[] bv = b.toDoubles();
                long sa = a.shape().axis(1);
                long sb = b.shape().axis(1);
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        double sum = 0;
                        for (int l = 0; l < k; l++) {
                            sum += av[(int) (4 + (transposeA ? l * sa + i : i * sa + l))]
                                    * bv[(int) (2 + (transposeB ? j * sb + l : l * sb + j))];
                        }
                        expected[i * (n + 1) + j] = 2 * sum - 0.5 * expected[i * (n + 1) + j];
                    }
                }
                Matrix am = Matrix.of(a, 4, transposeA ? k : m, transposeA ? m : k, sa);
                Matrix bm = Matrix.of(b, 2, transposeB ? n : k, transposeB ? k : n, sb);
                Blas.multiply(
                        2,
                        transposeA ? am.transpose() : am,
                        transposeB ? bm.transpose() : bm,
                        -0.5,
                        Matrix.of(c, 0, m, n, n + 1));
                assertArrayEquals(expected, c.toDoubles(), tolerance);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"3,3", "1,3", "1,64", "1,101"})
    void betaZeroDoesNotReadTheResult(int rows, int n) {
        Tensor a = random(DType.F32, rows, n);
        Tensor b = random(DType.F32, n, n);
        Tensor c = device.allocate(a.spec());
        for (Matrix right : new Matrix[] {Matrix.of(b), Matrix.of(b).transpose()}) {
            device.fill(c, Double.NaN);
            Blas.multiply(1, Matrix.of(a), right, 0, Matrix.of(c));
            for (double x : c.toDoubles()) {
                assertFalse(Double.isNaN(x));
            }
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor a = random(DType.F32, 3, 4);
        assertThrows(
                IllegalArgumentException.class, () -> Blas.multiply(1, Matrix.of(a), Matrix.of(a), 0, Matrix.of(a)));
        assertThrows(IndexOutOfBoundsException.class, () -> Matrix.of(a, 1, 3, 4, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> Matrix.of(a, 0, 2, 4, 3));
    }

    @Test
    void threadsGetTheBitsOfOne() throws Exception {
        Tensor a = random(DType.F32, 64, 96);
        Tensor b = random(DType.F32, 96, 80);
        double[] alone = product(a, b);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<double[]>> results = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                results.add(pool.submit(() -> product(a, b)));
            }
            for (Future<double[]> result : results) {
                assertArrayEquals(alone, result.get());
            }
        } finally {
            pool.shutdown();
        }
        assertFalse(Blas.core().isBlank());
        assertEquals(64L * 80, alone.length);
    }

    private double[] product(Tensor a, Tensor b) {
        Tensor c = device.allocate(
                Spec.of(DType.F32, Shape.of(a.shape().axis(0), b.shape().axis(1))));
        Blas.multiply(1, Matrix.of(a), Matrix.of(b), 0, Matrix.of(c));
        return c.toDoubles();
    }

    private Tensor random(DType type, long... sizes) {
        Tensor tensor = device.allocate(Spec.of(type, Shape.of(sizes)));
        SplittableRandom random = new SplittableRandom(3);
        double[] values = new double[(int) tensor.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextDouble(-1, 1);
        }
        return tensor.set(values);
    }
}
