package org.deepdelta.tensor.cuda;

import org.deepdelta.ops.compress.Compress;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.ops.expand.Expand;
import org.deepdelta.ops.sinkhorn.Sinkhorn;
import org.deepdelta.ops.step.RewriteStep;
import org.deepdelta.ops.streams.Streams;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The CUDA kernels that see a state: any number of channels, rows of every alignment, partial warps, several warps, parts of the tokens. */
final class StateKernelsTest {

    @ParameterizedTest
    @CsvSource({"2,1", "7,1", "16,2", "19,3", "33,4", "64,1", "40,8", "128,4", "100,2", "296,8", "600,4"})
    void delta(int d, int dv) {
        for (Delta.Gates gates : Delta.Gates.values()) {
            delta(gates, dv, 2, 3, d, dv);
            if (dv == 1) {
                delta(gates, dv, 2, 3, d);
            }
        }
    }

    private static void delta(Delta.Gates gates, int dv, long... state) {
        CudaKernelCheck check = new CudaKernelCheck(new Delta(1e-5, gates))
                .input("X", state.length == 4, state)
                .input("k", 2, 3, state[2])
                .input("v", 2, 3, dv);
        for (int i = 0; i < gates.count(); i++) {
            check.input("gate " + i, 2, 3, 1);
        }
        check.within(5e-6).run();
    }

    @ParameterizedTest
    @CsvSource({
        "7,1,0,SHARED",
        "33,1,0,SEPARATE",
        "16,1,0,WRITE_ONLY",
        "16,2,1,SHARED",
        "19,3,1,SEPARATE",
        "40,8,1,SHARED",
        "128,4,1,SHARED",
        "264,4,1,WRITE_ONLY",
        "9,4,4,SHARED",
        "32,2,2,WRITE_ONLY",
        "21,3,7,SEPARATE",
        "128,4,4,SHARED",
        "17,1,3,SHARED"
    })
    void rewriteStep(int d, int dv, int taps, Delta.Gates gates) {
        CudaKernelCheck check = new CudaKernelCheck(new RewriteStep(1e-5, gates, 1e-5));
        check = taps == 0 ? check.input("X", 2, 5, d) : check.input("X", true, 2, 5, d, dv);
        check.input("k", 2, 5, d).input("v", 2, 5, dv).input("gate", 2, 5, 1);
        if (gates == Delta.Gates.SEPARATE) {
            check.input("write", 2, 5, 1);
        }
        if (taps > 0) {
            check.input("W", taps, dv, d);
        }
        check.weight("norm", d).within(1e-5).run();
    }

    /** K, T, d, dv; K beyond T, one tap, one channel, more parts than one sequence has tokens. */
    @ParameterizedTest
    @CsvSource({
        "1,3,16,4",
        "4,3,16,4",
        "4,9,45,3",
        "2,1,7,2",
        "3,6,33,1",
        "5,2,128,8",
        "2,5,1,2",
        "4,40,24,4",
        "1,40,264,2",
        "2,80,9,2"
    })
    void compressAndExpand(int taps, int length, int d, int dv) {
        new CudaKernelCheck(new Compress())
                .input("X", true, 2, length, d, dv)
                .input("W", taps, dv, d)
                .run();
        new CudaKernelCheck(new Expand())
                .input("e", 2, length, d)
                .input("W", taps, dv, d)
                .run();
    }

    /** n, m, d: reading, making and mixing streams, coefficients by token or shared, with and without one more vector. */
    @ParameterizedTest
    @CsvSource({"1,1,1", "4,1,16", "1,4,33", "4,4,128", "3,3,45", "5,2,7", "4,4,520"})
    void streams(int n, int m, int d) {
        new CudaKernelCheck(new Streams())
                .input("H", 2, 3, n, d)
                .input("A", 2, 3, n, m)
                .run();
        new CudaKernelCheck(new Streams())
                .input("H", 2, 3, n, d)
                .input("A", n, m)
                .run();
        new CudaKernelCheck(new Streams())
                .input("H", 2, 3, n, d)
                .input("A", 2, 3, n, m)
                .input("b", 2, 3, m, 1)
                .input("y", 2, 3, d)
                .run();
        new CudaKernelCheck(new Streams())
                .input("H", 2, 9, n, d)
                .weight("A", n, m)
                .weight("b", m, 1)
                .input("y", 2, 9, d)
                .run();
    }

    /** n, rounds, matrices: fewer than a warp has lanes, as many, more than a block. */
    @ParameterizedTest
    @CsvSource({"1,1,3", "2,1,8", "4,20,32", "4,20,37", "5,3,9", "4,20,70"})
    void sinkhorn(int n, int rounds, int matrices) {
        new CudaKernelCheck(new Sinkhorn(rounds))
                .input("L", 1, matrices, n, n)
                .within(5e-6)
                .run();
    }
}
