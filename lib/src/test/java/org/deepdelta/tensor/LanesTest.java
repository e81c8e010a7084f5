package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

final class LanesTest {
    private final Device device = Device.reference();

    @Test
    void loadsAndStoresWholeAndPartialVectors() {
        int n = 3 * Lanes.WIDTH + 1;
        Tensor from = floats(n);
        Tensor to = floats(n);
        for (int i = 0; i < n; i++) {
            Lanes.set(Lanes.of(from), i, i + 0.5f);
            Lanes.set(Lanes.of(to), i, Float.NaN);
        }
        Object x = Lanes.of(from);
        Object y = Lanes.of(to);
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            Lanes.store(y, i, Lanes.load(x, i, n - i), n - i);
        }
        assertArrayEquals(from.toDoubles(), to.toDoubles());
        assertEquals(n - 0.5f, Lanes.get(y, n - 1));
        assertEquals(0f, Lanes.load(x, n - 1, 1).lane(1));
    }

    @Test
    void nothingOutsideATensorIsReached() {
        Tensor rows = floats(4 * Lanes.WIDTH).as(Shape.of(4, Lanes.WIDTH)).rows(1, 3);
        Object x = Lanes.of(rows);
        Lanes.load(x, Lanes.WIDTH);
        assertThrows(IndexOutOfBoundsException.class, () -> Lanes.load(x, Lanes.WIDTH + 1));
        assertThrows(IndexOutOfBoundsException.class, () -> Lanes.store(x, -1, Lanes.zero()));
        assertThrows(IndexOutOfBoundsException.class, () -> Lanes.get(x, 2L * Lanes.WIDTH));
        assertThrows(IllegalArgumentException.class, () -> Lanes.of(device.allocate(Spec.of(DType.F64, Shape.of(2)))));
    }

    @Test
    void memoryBeginsAtACacheLine() {
        for (int i = 1; i < 10; i++) {
            assertEquals(0, device.memory(i * 1000L).address() % 64);
        }
    }

    @Test
    void sumAddsHalves() {
        float[] lanes = new float[Lanes.WIDTH];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = (float) random.nextDouble(-1, 1);
        }
        FloatVector v = FloatVector.fromArray(Lanes.SPECIES, lanes, 0);
        float largest = Float.NEGATIVE_INFINITY;
        for (float lane : lanes) {
            largest = Math.max(largest, lane);
        }
        for (int half = lanes.length / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                lanes[i] += lanes[i + half];
            }
        }
        assertEquals(lanes[0], Lanes.sum(v));
        assertEquals(largest, Lanes.max(v));
    }

    @Test
    void bitsAreTheSameInterpretedAndCompiled() throws Exception {
        String compiled = null;
        for (int i = 0; i < 8000; i++) {
            compiled = Bits.checksum();
        }
        Process interpreter = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xint",
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Bits.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String interpreted = new String(interpreter.getInputStream().readAllBytes()).trim();
        assertTrue(interpreter.waitFor(1, TimeUnit.MINUTES));
        assertEquals(compiled, interpreted);
    }

    private Tensor floats(int n) {
        return device.allocate(Spec.of(DType.F32, Shape.of(n)));
    }

    /** A checksum over the bits of everything that lanes compute. */
    static final class Bits {
        private Bits() {}

        public static void main(String[] args) {
            System.out.println(checksum());
        }

        static String checksum() {
            CRC32 crc = new CRC32();
            float[] y = new float[Lanes.WIDTH];
            SplittableRandom random = new SplittableRandom(7);
            for (int n = 0; n < 512; n += Lanes.WIDTH) {
                for (int i = 0; i < y.length; i++) {
                    y[i] = (float) random.nextDouble(-20, 20);
                }
                FloatVector x = FloatVector.fromArray(Lanes.SPECIES, y, 0);
                add(crc, Elementary.exp(x));
                add(crc, Elementary.sigmoid(x));
                add(crc, Elementary.tanh(x));
                add(crc, Lanes.all(Lanes.sum(x)));
                add(crc, Lanes.all(Lanes.max(x)));
                add(crc, x.mul(x).add(1f).sqrt());
            }
            return Lanes.WIDTH + " " + Long.toHexString(crc.getValue());
        }

        private static void add(CRC32 crc, FloatVector v) {
            for (float lane : v.toArray()) {
                int bits = Float.floatToRawIntBits(lane);
                crc.update(bits);
                crc.update(bits >>> 8);
                crc.update(bits >>> 16);
                crc.update(bits >>> 24);
            }
        }
    }
}
