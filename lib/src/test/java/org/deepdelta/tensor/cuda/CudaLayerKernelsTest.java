package org.deepdelta.tensor.cuda;

import org.deepdelta.ops.linear.Linear;
import org.deepdelta.ops.rotary.Rotary;
import org.deepdelta.ops.swiglu.SwiGluGate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The CUDA kernels of a Transformer's layers against their references: those of one vector's width, odd ones, several blocks and parts. */
final class CudaLayerKernelsTest {

    /** n, m, rows: few outputs, few rows, products; partial warps. */
    @ParameterizedTest
    @CsvSource({
        "1,1,7",
        "9,1,7",
        "32,3,7",
        "17,8,7",
        "21,9,7",
        "64,48,7",
        "5,70,7",
        "264,4,70",
        "300,7,9",
        "70,33,1",
        "256,40,3",
        "1,9,9",
    })
    void linear(int n, int m, int rows) {
        new CudaKernelCheck(new Linear())
                .input("x", 1, rows, n)
                .weight("w", m, n)
                .run();
        new CudaKernelCheck(new Linear())
                .input("x", 2, rows, n)
                .weight("w", m, n)
                .weight("b", m)
                .run();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16, 21, 32, 85, 344, 2056})
    void swiglu(int m) {
        new CudaKernelCheck(new SwiGluGate()).input("ab", 2, 3, 2L * m).run();
    }

    @ParameterizedTest
    @CsvSource({
        "32,1.0,0",
        "32,0.5,3",
        "7,1.0,0",
        "18,0.7,100",
        "64,1.0,1",
        "2,0.2,5",
        "8,1.0,0",
        "2,1.0,9",
        "80,1.0,3",
        "128,1.0,60",
        "256,1.0,0",
    })
    void rotary(int h, double ratio, int position) {
        new CudaKernelCheck(new Rotary(2, 3, 10000, ratio, position, 1e-5))
                .input("x", 2, 5, 7, h)
                .weight("wq", h)
                .weight("wk", h)
                .within(1e-5)
                .run();
        new CudaKernelCheck(new Rotary(2, 2, 10000, ratio, position, 1e-5))
                .input("x", 2, 5, 6, h)
                .within(1e-5)
                .run();
        new CudaKernelCheck(new Rotary(17, 19, 10000, ratio, position, 1e-5))
                .input("x", 1, 9, 53, h)
                .weight("wq", h)
                .weight("wk", h)
                .within(1e-5)
                .run();
    }
}
