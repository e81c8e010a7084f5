package org.deepdelta.tensor.cuda;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cublas.cublasLtMatmulDescOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulPreferenceOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatrixLayoutOpaque_t;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.deepdelta.tensor.DType;

/**
 * Matrix products by cuBLASLt, accumulated in fp32. The algorithm for a shape is the first that the library's own rules propose (never the
 * fastest of a race, or equal runs would have unequal bits), asked for once. F32 products run in full fp32, or with {@code -Dtf32} in TF32.
 *
 * <p>The library's matrices are column-major: C = A B, row by row, is C' = B' A', column by column.
 */
final class BlasLt {
    private static final long WORKSPACE = 32 << 20;
    private static final long MOST_ALIGNMENT = 256;

    private final CUstream_st stream;
    private final cublasLtContext handle = new cublasLtContext();
    private final Pointer workspace;
    private final boolean tf32 = Boolean.parseBoolean(orTrue(System.getProperty("tf32", "false")));
    private final Map<Key, Plan> plans = new HashMap<>();

    /** A product without its addresses. */
    private record Key(Gpu.Product product, long alignA, long alignB, long alignC) {}

    /** What is asked for once a shape. */
    private record Plan(
            cublasLtMatmulDescOpaque_t description,
            cublasLtMatrixLayoutOpaque_t left,
            cublasLtMatrixLayoutOpaque_t right,
            cublasLtMatrixLayoutOpaque_t result,
            cublasLtMatmulHeuristicResult_t algorithm,
            FloatPointer alpha,
            FloatPointer beta) {}

    BlasLt(CUstream_st stream, Gpu gpu) {
        this.stream = stream;
        check(cublas.cublasLtCreate(handle), "cublasLtCreate");
        workspace = new DriverGpu.Place(gpu.allocate(WORKSPACE));
    }

    private static String orTrue(String value) {
        return value.isEmpty() ? "true" : value;
    }

    boolean tf32() {
        return tf32;
    }

    void multiply(Gpu.Product p) {
        Key key = new Key(withoutAddresses(p), align(p.a()), align(p.b()), align(p.c()));
        Plan plan = plans.computeIfAbsent(key, this::plan);
        Pointer to = new DriverGpu.Place(p.c().address());
        int status = cublas.cublasLtMatmul(
                handle,
                plan.description,
                plan.alpha,
                new DriverGpu.Place(p.b().address()),
                plan.left,
                new DriverGpu.Place(p.a().address()),
                plan.right,
                plan.beta,
                to,
                plan.result,
                to,
                plan.result,
                plan.algorithm.algo(),
                workspace,
                WORKSPACE,
                stream);
        check(status, "cublasLtMatmul of " + p);
    }

    private static long align(Gpu.Operand operand) {
        return Math.min(MOST_ALIGNMENT, Long.lowestOneBit(operand.address()));
    }

    private static Gpu.Product withoutAddresses(Gpu.Product p) {
        return new Gpu.Product(
                p.type(),
                p.result(),
                p.m(),
                p.n(),
                p.k(),
                p.alpha(),
                at(p.a()),
                at(p.b()),
                p.beta(),
                at(p.c()),
                p.batch());
    }

    private static Gpu.Operand at(Gpu.Operand o) {
        return new Gpu.Operand(0, o.stride(), o.transposed(), o.distance());
    }

    private Plan plan(Key key) {
        Gpu.Product p = key.product;
        int compute = p.type() == DType.F32 && tf32 ? cublas.CUBLAS_COMPUTE_32F_FAST_TF32 : cublas.CUBLAS_COMPUTE_32F;
        cublasLtMatmulDescOpaque_t description;
        try (PointerPointer<cublasLtMatmulDescOpaque_t> made = new PointerPointer<>(1)) {
            check(cublas.cublasLtMatmulDescCreate(made, compute, cudart.CUDA_R_32F), "cublasLtMatmulDescCreate");
            description = made.get(cublasLtMatmulDescOpaque_t.class);
        }
        transpose(description, cublas.CUBLASLT_MATMUL_DESC_TRANSA, p.b().transposed());
        transpose(description, cublas.CUBLASLT_MATMUL_DESC_TRANSB, p.a().transposed());
        cublasLtMatrixLayoutOpaque_t left = layout(p.type(), p.b(), p.k(), p.n(), p.batch());
        cublasLtMatrixLayoutOpaque_t right = layout(p.type(), p.a(), p.m(), p.k(), p.batch());
        cublasLtMatrixLayoutOpaque_t result = layout(p.result(), p.c(), p.m(), p.n(), p.batch());
        cublasLtMatmulHeuristicResult_t algorithm = algorithm(key, description, left, right, result);
        return new Plan(
                description,
                left,
                right,
                result,
                algorithm,
                new FloatPointer((float) p.alpha()),
                new FloatPointer((float) p.beta()));
    }

    private static void transpose(cublasLtMatmulDescOpaque_t description, int which, boolean transposed) {
        try (IntPointer value = new IntPointer(new int[] {transposed ? cublas.CUBLAS_OP_T : cublas.CUBLAS_OP_N})) {
            check(
                    cublas.cublasLtMatmulDescSetAttribute(description, which, value, Integer.BYTES),
                    "cublasLtMatmulDescSetAttribute");
        }
    }

    /** A row-major matrix [rows, columns], perhaps stored as its transpose, as the library sees what is stored. */
    private static cublasLtMatrixLayoutOpaque_t layout(DType type, Gpu.Operand o, int rows, int columns, int batch) {
        int kind = type == DType.BF16 ? cudart.CUDA_R_16BF : cudart.CUDA_R_32F;
        long along = o.transposed() ? rows : columns;
        long across = o.transposed() ? columns : rows;
        try (PointerPointer<cublasLtMatrixLayoutOpaque_t> made = new PointerPointer<>(1)) {
            check(
                    cublas.cublasLtMatrixLayoutCreate(made, kind, along, across, Math.max(o.stride(), along)),
                    "cublasLtMatrixLayoutCreate");
            cublasLtMatrixLayoutOpaque_t layout = made.get(cublasLtMatrixLayoutOpaque_t.class);
            if (batch > 1) {
                try (IntPointer count = new IntPointer(new int[] {batch});
                        LongPointer distance = new LongPointer(new long[] {o.distance()})) {
                    set(layout, cublas.CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, count, Integer.BYTES);
                    set(layout, cublas.CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, distance, Long.BYTES);
                }
            }
            return layout;
        }
    }

    private static void set(cublasLtMatrixLayoutOpaque_t layout, int which, Pointer value, int bytes) {
        check(cublas.cublasLtMatrixLayoutSetAttribute(layout, which, value, bytes), "cublasLtMatrixLayoutSetAttribute");
    }

    private cublasLtMatmulHeuristicResult_t algorithm(
            Key key,
            cublasLtMatmulDescOpaque_t description,
            cublasLtMatrixLayoutOpaque_t left,
            cublasLtMatrixLayoutOpaque_t right,
            cublasLtMatrixLayoutOpaque_t result) {
        try (PointerPointer<cublasLtMatmulPreferenceOpaque_t> made = new PointerPointer<>(1)) {
            check(cublas.cublasLtMatmulPreferenceCreate(made), "cublasLtMatmulPreferenceCreate");
            cublasLtMatmulPreferenceOpaque_t wish = made.get(cublasLtMatmulPreferenceOpaque_t.class);
            prefer(wish, cublas.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, WORKSPACE);
            prefer(wish, cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, (int) key.alignB);
            prefer(wish, cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, (int) key.alignA);
            prefer(wish, cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, (int) key.alignC);
            prefer(wish, cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, (int) key.alignC);
            cublasLtMatmulHeuristicResult_t found = new cublasLtMatmulHeuristicResult_t();
            int[] count = new int[1];
            int status = cublas.cublasLtMatmulAlgoGetHeuristic(
                    handle, description, left, right, result, result, wish, 1, found, count);
            cublas.cublasLtMatmulPreferenceDestroy(wish);
            check(status, "cublasLtMatmulAlgoGetHeuristic for " + key.product);
            if (count[0] == 0) {
                throw new CudaException("cublasLtMatmulAlgoGetHeuristic: no algorithm for " + key.product);
            }
            return found;
        }
    }

    private static void prefer(cublasLtMatmulPreferenceOpaque_t wish, int which, long value) {
        try (LongPointer number = new LongPointer(new long[] {value})) {
            check(
                    cublas.cublasLtMatmulPreferenceSetAttribute(wish, which, number, Long.BYTES),
                    "cublasLtMatmulPreferenceSetAttribute");
        }
    }

    private static void prefer(cublasLtMatmulPreferenceOpaque_t wish, int which, int value) {
        try (IntPointer number = new IntPointer(new int[] {value})) {
            check(
                    cublas.cublasLtMatmulPreferenceSetAttribute(wish, which, number, Integer.BYTES),
                    "cublasLtMatmulPreferenceSetAttribute");
        }
    }

    private static void check(int status, String call) {
        if (status != cublas.CUBLAS_STATUS_SUCCESS) {
            throw new CudaException(
                    call + ": " + cublas.cublasLtGetStatusString(status).getString());
        }
    }
}
