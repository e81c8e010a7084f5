package org.deepdelta.ops;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.deepdelta.ops.attention.Attention;
import org.deepdelta.ops.compress.Compress;
import org.deepdelta.ops.crossentropy.CrossEntropy;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.ops.embedding.Embedding;
import org.deepdelta.ops.expand.Expand;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.ops.rmsnorm.RmsNormalize;
import org.deepdelta.ops.rotary.Rotary;
import org.deepdelta.ops.sinkhorn.Sinkhorn;
import org.deepdelta.ops.streams.Streams;
import org.deepdelta.ops.swiglu.SwiGluGate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kernel against its reference at widths around a vector's, odd ones included. */
final class KernelsTest {

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 15, 16, 17, 32, 45, 128})
    void rmsnorm(int n) {
        new KernelCheck(new RmsNormalize(1e-5))
                .input("x", 2, 5, n)
                .input("w", n)
                .run();
    }

    @ParameterizedTest
    @CsvSource({"2,1", "7,1", "16,2", "19,3", "33,4", "64,1", "40,8", "128,4"})
    void delta(int d, int dv) {
        for (Delta.Gates gates : Delta.Gates.values()) {
            delta(gates, dv, 2, 3, d, dv);
            if (dv == 1) {
                delta(gates, dv, 2, 3, d);
            }
        }
    }

    private static void delta(Delta.Gates gates, int dv, long... state) {
        KernelCheck check = new KernelCheck(new Delta(1e-5, gates))
                .input("X", state.length == 4, state)
                .input("k", 2, 3, state[2])
                .input("v", 2, 3, dv);
        for (int i = 0; i < gates.count(); i++) {
            check.input("gate " + i, 2, 3, 1);
        }
        check.within(5e-6).run();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "9,1", "32,3", "17,8", "21,9", "64,48", "5,70"})
    void linear(int n, int m) {
        new KernelCheck(new Linear()).input("x", 2, 7, n).input("w", m, n).run();
        new KernelCheck(new Linear())
                .input("x", 2, 7, n)
                .input("w", m, n)
                .input("b", m)
                .run();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16, 21, 32, 85})
    void swiglu(int m) {
        new KernelCheck(new SwiGluGate()).input("ab", 2, 3, 2L * m).run();
    }

    @ParameterizedTest
    @CsvSource({"32,1.0,0", "32,0.5,3", "7,1.0,0", "18,0.7,100", "64,1.0,1", "2,0.2,5"})
    void rotary(int h, double ratio, int position) {
        new KernelCheck(new Rotary(2, 3, 10000, ratio, position, 1e-5))
                .input("x", 2, 5, 7, h)
                .input("wq", h)
                .input("wk", h)
                .within(1e-5)
                .run();
        new KernelCheck(new Rotary(2, 2, 10000, ratio, position, 1e-5))
                .input("x", 2, 5, 6, h)
                .within(1e-5)
                .run();
    }

    /** n, m, d: reading, making and mixing streams, coefficients by token or shared, with and without one more vector. */
    @ParameterizedTest
    @CsvSource({"1,1,1", "4,1,16", "1,4,33", "4,4,128", "3,3,45", "5,2,7"})
    void streams(int n, int m, int d) {
        new KernelCheck(new Streams())
                .input("H", 2, 3, n, d)
                .input("A", 2, 3, n, m)
                .run();
        new KernelCheck(new Streams()).input("H", 2, 3, n, d).input("A", n, m).run();
        new KernelCheck(new Streams())
                .input("H", 2, 3, n, d)
                .input("A", 2, 3, n, m)
                .input("b", 2, 3, m, 1)
                .input("y", 2, 3, d)
                .run();
        new KernelCheck(new Streams())
                .input("H", 2, 3, n, d)
                .input("A", n, m)
                .input("b", m, 1)
                .input("y", 2, 3, d)
                .run();
    }

    /** n, rounds, matrices: fewer than a vector has lanes, as many, more. */
    @ParameterizedTest
    @CsvSource({"1,1,3", "2,1,8", "4,20,16", "4,20,37", "5,3,9"})
    void sinkhorn(int n, int rounds, int matrices) {
        new KernelCheck(new Sinkhorn(rounds))
                .input("L", 1, matrices, n, n)
                .within(5e-6)
                .run();
    }

    /** K, T, d, dv; K beyond T, one tap, one channel, widths around a vector's. */
    @ParameterizedTest
    @CsvSource({"1,3,16,4", "4,3,16,4", "4,9,45,3", "2,1,7,2", "3,6,33,1", "5,2,128,8", "2,5,1,2"})
    void compressAndExpand(int taps, int length, int d, int dv) {
        new KernelCheck(new Compress())
                .input("X", true, 2, length, d, dv)
                .input("W", taps, dv, d)
                .run();
        new KernelCheck(new Expand())
                .input("e", 2, length, d)
                .input("W", taps, dv, d)
                .run();
    }

    @ParameterizedTest
    @CsvSource({"1,1,4", "5,2,16", "64,1,32", "70,2,8", "150,3,7"})
    void attention(int length, int heads, int h) {
        new KernelCheck(new Attention(heads))
                .input("qkv", 2, length, 3L * heads, h)
                .within(5e-6)
                .run();
    }

    @ParameterizedTest
    @CsvSource({"1,2,1,4", "1,5,2,16", "1,150,3,7", "3,70,2,32", "64,67,1,8", "70,150,2,9", "17,17,2,5"})
    void attentionWithAPast(int queries, int keys, int heads, int h) {
        new KernelCheck(new Attention(heads))
                .input("q", 2, queries, heads, h)
                .input("kv", 2, keys, 2L * heads, h)
                .within(5e-6)
                .run();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 15, 16, 50, 257})
    void crossEntropy(int classes) {
        new KernelCheck(new CrossEntropy(5))
                .input("logits", 2, 3, classes)
                .ids("targets", new int[] {0, classes - 1, -1, classes / 2, -1, 0}, 2, 3)
                .run();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 37})
    void embedding(int d) {
        new KernelCheck(new Embedding())
                .input("table", 9, d)
                .ids("ids", new int[] {3, 0, 3, 8, 3, 1}, 2, 3)
                .run();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 9})
    void idsOutsideTheTable(int id) {
        assertThrows(IndexOutOfBoundsException.class, () -> new KernelCheck(new Embedding())
                .input("table", 9, 4)
                .ids("ids", new int[] {3, id}, 1, 2)
                .run());
    }
}
