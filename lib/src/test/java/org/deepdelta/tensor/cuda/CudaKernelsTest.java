package org.deepdelta.tensor.cuda;

import org.deepdelta.ops.rmsnorm.RmsNormalize;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every operation's CUDA kernel against its reference at odd widths, partial warps, several blocks. */
final class CudaKernelsTest {

    @ParameterizedTest
    @CsvSource({"5,2", "5,3", "5,31", "5,32", "70,45", "3,128", "2,300", "1,4104"})
    void rmsnorm(int rows, int n) {
        new CudaKernelCheck(new RmsNormalize(1e-5))
                .input("x", 2, rows, n)
                .weight("w", n)
                .run();
    }
}
