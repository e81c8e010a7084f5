package org.deepdelta.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.deepdelta.ops.adamw.AdamW;
import org.deepdelta.ops.crossentropy.CrossEntropy;
import org.deepdelta.ops.embedding.Embedding;
import org.deepdelta.ops.gradientsum.GradientSum;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The CUDA kernels at both ends of a training step. */
final class LossAndOptimizerKernelsTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 37, 264})
    void embedding(int d) {
        new CudaKernelCheck(new Embedding())
                .weight("table", 9, d)
                .ids("ids", new int[] {3, 0, 3, 8, 3, 1}, 2, 3)
                .run();
    }

    /** More ids than a tile has, more rows than a block owns, ids that are frequent and ids that never come. */
    @ParameterizedTest
    @CsvSource({"40,4500,8", "2,2100,5", "300,2049,16"})
    void manyIds(int vocabulary, int count, int d) {
        int[] ids = new SplittableRandom(7)
                .ints(count, 0, vocabulary)
                .map(i -> i % 3 == 0 ? vocabulary - 1 : i)
                .toArray();
        new CudaKernelCheck(new Embedding())
                .weight("table", vocabulary, d)
                .ids("ids", ids, 1, count)
                .within(5e-6)
                .run();
    }

    /** A tile that has nothing for a block, before one that has. */
    @Test
    void idsOfOtherBlocksFirst() {
        int[] ids = new SplittableRandom(7).ints(4500, 0, 16).toArray();
        for (int i = 2048; i < ids.length; i++) {
            ids[i] += 16;
        }
        new CudaKernelCheck(new Embedding())
                .weight("table", 40, 4)
                .ids("ids", ids, 1, ids.length)
                .within(5e-6)
                .run();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 15, 16, 50, 257, 1032, 5000})
    void crossEntropy(int classes) {
        new CudaKernelCheck(new CrossEntropy(5))
                .input("logits", 2, 3, classes)
                .ids("targets", new int[] {0, classes - 1, -1, classes / 2, -1, 0}, 2, 3)
                .run();
    }

    /** Loss and gradient of logits that become their gradient, beside those that stay; seeds 1 and 0.7. */
    @ParameterizedTest
    @CsvSource({"5,1", "16,1", "257,0.7", "5000,0.7"})
    void consumedLogits(int classes, double seed) {
        for (DType type : new DType[] {DType.F32, DType.BF16}) {
            double[][] kept = loss(type, classes, seed, false);
            double[][] consumed = loss(type, classes, seed, true);
            assertEquals(kept[0][0], consumed[0][0]);
            double largest = Arrays.stream(kept[1]).map(Math::abs).max().orElseThrow();
            assertArrayEquals(kept[1], consumed[1], largest * (type == DType.F32 ? 2e-6 : 0.008));
        }
    }

    private static double[][] loss(DType type, int classes, double seed, boolean consume) {
        Device device = HostDevices.forward();
        Tape t = Tape.recording(device, device.arena());
        Tensor x = t.variable(normal(device, type, 4, 2, 3, classes));
        Tensor targets = device.allocate(Spec.of(DType.I32, Shape.of(2, 3))).set(0, classes - 1, -1, 2, -1, 0);
        Tensor logits = t.scale(x, 2);
        Tensor loss = consume ? CrossEntropy.consume(t, logits, targets, 4) : CrossEntropy.apply(t, logits, targets, 4);
        Tensor upstream = device.allocate(loss.spec()).set(seed);
        t.backward(loss, upstream);
        if (consume) {
            assertThrows(IllegalStateException.class, () -> t.backward(loss, upstream));
        }
        return new double[][] {loss.toDoubles(), t.gradient(x).toDoubles()};
    }

    /** An id that is none cannot throw on a GPU: what follows from it is NaN. */
    @ParameterizedTest
    @ValueSource(ints = {-2, 9})
    void idsOutside(int id) {
        Device device = HostDevices.forward();
        Tape t = Tape.evaluating(device, device.arena());
        Tensor ids = device.allocate(Spec.of(DType.I32, Shape.of(1, 2))).set(3, id);
        double[] y = Embedding.apply(t, normal(device, DType.F32, 1, 9, 4), ids).toDoubles();
        assertTrue(!Double.isNaN(y[3]) && Double.isNaN(y[4]));
        Tensor logits = normal(device, DType.F32, 1, 1, 2, 9);
        assertTrue(Double.isNaN(CrossEntropy.apply(t, logits, ids, 2).item()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 17, 4096, 9001})
    void adamw(int n) {
        double[][] expected = adamw(Device.reference(), DType.F64, n, false);
        double[][] actual = adamw(HostDevices.forward(), DType.F32, n, true);
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(expected[i], actual[i], 1e-6);
        }
        for (int i = 0; i < n; i++) {
            float p = (float) actual[0][i];
            assertEquals(p, actual[3][i], Math.abs(p) / 256, "copy " + i);
        }
    }

    private static double[][] adamw(Device device, DType type, int n, boolean copied) {
        Tape t = Tape.evaluating(device, device.arena());
        Tensor p = normal(device, type, 1, n);
        Tensor g = normal(device, type, 2, n);
        Tensor m = device.allocate(p.spec());
        Tensor v = device.allocate(p.spec());
        Tensor copy = device.allocate(Spec.of(copied ? DType.BF16 : type, p.shape()));
        for (int step = 1; step <= 3; step++) {
            AdamW adamw = new AdamW(0.01, 0.9, 0.95, 1e-8, 0.1, 0.5, step);
            if (step > 1) {
                adamw.update(t, p, copy, g, m, v);
            } else {
                adamw.update(t, p, g, m, v);
            }
        }
        assertEquals(Map.of("adamw " + (copied ? "cuda" : "reference"), 3), t.ran());
        return new double[][] {p.toDoubles(), m.toDoubles(), v.toDoubles(), copy.toDoubles()};
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 17, 4096, 40_001})
    void gradientSum(int n) {
        for (int shards = 1; shards <= 3; shards++) {
            double[][] sums = new double[2][];
            double[] squares = new double[2];
            for (int i = 0; i < 2; i++) {
                Device device = i == 0 ? Device.reference() : HostDevices.forward();
                Tensor[] gradients = new Tensor[shards];
                for (int s = 0; s < shards; s++) {
                    gradients[s] = normal(device, i == 0 ? DType.F64 : DType.F32, s, n);
                }
                Tape t = Tape.evaluating(device, device.arena());
                squares[i] = GradientSum.intoFirst(t, gradients);
                sums[i] = gradients[0].toDoubles();
            }
            assertArrayEquals(sums[0], sums[1], 1e-6);
            assertEquals(squares[0], squares[1], 1e-6 * squares[0]);
        }
    }

    /** A sum that is not its first shard. */
    @Test
    void gradientSumElsewhere() {
        Device device = HostDevices.forward();
        Tensor shard = normal(device, DType.F32, 3, 300);
        Tensor sum = device.allocate(shard.spec());
        Tensor squared = device.allocate(Spec.of(DType.F32, Shape.of()));
        Tape.evaluating(device, device.arena()).run(new GradientSum(), new Tensor[] {shard}, sum, squared);
        assertArrayEquals(shard.toDoubles(), sum.toDoubles());
    }

    private static Tensor normal(Device device, DType type, int seed, long... sizes) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[(int) Shape.of(sizes).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return device.allocate(Spec.of(type, Shape.of(sizes))).set(values);
    }
}
