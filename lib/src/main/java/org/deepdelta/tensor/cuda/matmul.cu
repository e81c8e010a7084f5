// Matrix products where there is no cuBLASLt: C = alpha A B + beta C, row-major, the twin of what the GPU's library computes.
// A is [m, k] with lda elements from row to row, or stored as its transpose; likewise B [k, n] and C [m, n]. A batch lies at fixed distances.

// The sum of one element of A B, accumulated in fp32.
static __device__ __forceinline__ float product(
        const T *a, long long lda, int ta, const T *b, long long ldb, int tb, int row, int column, int k) {
    const long long step_a = ta ? lda : 1, step_b = tb ? 1 : ldb;
    const T *x = a + (ta ? row : row * lda), *y = b + (tb ? column * ldb : column);
    float sum = 0;
    for (int i = 0; i < k; i++) {
        sum = fmaf(x[i * step_a], y[i * step_b], sum);
    }
    return sum;
}

// A, B and C in T; grid (ceil(m n / threads), batch)
extern "C" __global__ void matmul_same(const T *a, long long lda, int ta, long long da, const T *b, long long ldb, int tb,
        long long db, T *c, long long ldc, long long dc, int m, int n, int k, float alpha, float beta) {
    const long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (i < (long long) m * n) {
        const int row = (int) (i / n), column = (int) (i % n);
        T *to = c + blockIdx.y * dc + row * ldc + column;
        const float sum = alpha * product(a + blockIdx.y * da, lda, ta, b + blockIdx.y * db, ldb, tb, row, column, k);
        *to = T(beta == 0 ? sum : sum + beta * (float) *to);
    }
}

// A and B in T, C in float
extern "C" __global__ void matmul_widen(const T *a, long long lda, int ta, long long da, const T *b, long long ldb, int tb,
        long long db, float *c, long long ldc, long long dc, int m, int n, int k, float alpha, float beta) {
    const long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (i < (long long) m * n) {
        const int row = (int) (i / n), column = (int) (i % n);
        float *to = c + blockIdx.y * dc + row * ldc + column;
        const float sum = alpha * product(a + blockIdx.y * da, lda, ta, b + blockIdx.y * db, ldb, tb, row, column, k);
        *to = beta == 0 ? sum : sum + beta * *to;
    }
}
