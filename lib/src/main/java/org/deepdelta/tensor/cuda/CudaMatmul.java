package org.deepdelta.tensor.cuda;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Matrix;

/**
 * Matrix products on a GPU, accumulated in fp32: cuBLASLt's, on cuda-host those of matmul.cu. A and B are of one type, F32 or BF16; C is of
 * that type or F32.
 */
public final class CudaMatmul {
    private CudaMatmul() {}

    /**
     * C = alpha A B + beta C; with beta = 0 the old content of C is not read.
     *
     * @throws IllegalArgumentException if sizes or types do not fit
     */
    public static void multiply(Call c, double alpha, Matrix a, Matrix b, double beta, Matrix to) {
        multiply(c, alpha, a, 0, b, 0, beta, to, 0, 1);
    }

    /**
     * The same for a batch of matrices.
     *
     * @param distanceA elements from one A to the next; 0 for the same each time
     * @param distanceB elements from one B to the next
     * @param distanceC elements from one C to the next
     * @param batch how many
     */
    public static void multiply(
            Call c,
            double alpha,
            Matrix a,
            long distanceA,
            Matrix b,
            long distanceB,
            double beta,
            Matrix to,
            long distanceC,
            int batch) {
        if (a.columns() != b.rows() || a.rows() != to.rows() || b.columns() != to.columns() || to.transposed()) {
            throw new IllegalArgumentException("matrix product: " + a + " times " + b + " into " + to);
        }
        boolean known = a.type() == DType.F32 || a.type() == DType.BF16;
        if (!known || a.type() != b.type() || to.type() != a.type() && to.type() != DType.F32) {
            throw new IllegalArgumentException("matrix product: types " + a.type() + ", " + b.type() + ", " + to.type()
                    + ": expected F32 or BF16 twice, into the same or F32");
        }
        if (to.rows() == 0 || to.columns() == 0 || batch == 0) {
            return;
        }
        CudaDevice.of(c.device())
                .gpu()
                .multiply(new Gpu.Product(
                        a.type(),
                        to.type(),
                        to.rows(),
                        to.columns(),
                        a.columns(),
                        alpha,
                        operand(a, distanceA),
                        operand(b, distanceB),
                        beta,
                        operand(to, distanceC),
                        batch));
    }

    private static Gpu.Operand operand(Matrix m, long distance) {
        return new Gpu.Operand(m.address(), m.stride(), m.transposed(), distance);
    }
}
