// Matrices E = exp(L - column maximum) [count, N, N], normalised by ROUNDS times columns, then rows. Every stage is diag(r) E diag(c): dividing
// a column by its sum is c_i = 1 / sum over j of E_ji r_j, a row r_j = 1 / sum over i of E_ji c_i. A thread a matrix.

static __device__ __forceinline__ void exponential(float (&m)[N][N], const T *logits) {
#pragma unroll
    for (int i = 0; i < N; i++) {
        float largest = -INF;
#pragma unroll
        for (int j = 0; j < N; j++) {
            m[j][i] = logits[j * N + i];
            largest = fmaxf(largest, m[j][i]);
        }
#pragma unroll
        for (int j = 0; j < N; j++) {
            m[j][i] = expf(m[j][i] - largest);
        }
    }
}

static __device__ __forceinline__ void normalise_columns(const float (&m)[N][N], const float (&r)[N], float (&c)[N]) {
#pragma unroll
    for (int i = 0; i < N; i++) {
        float sum = 0;
#pragma unroll
        for (int j = 0; j < N; j++) {
            sum += m[j][i] * r[j];
        }
        c[i] = 1 / sum;
    }
}

static __device__ __forceinline__ void normalise_rows(const float (&m)[N][N], float (&r)[N], const float (&c)[N]) {
#pragma unroll
    for (int j = 0; j < N; j++) {
        float sum = 0;
#pragma unroll
        for (int i = 0; i < N; i++) {
            sum += m[j][i] * c[i];
        }
        r[j] = 1 / sum;
    }
}

// out = the last stage
extern "C" __global__ void sinkhorn_forward(const T *logits, T *out, long long count) {
    const long long n = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (n >= count) {
        return;
    }
    float m[N][N], r[N], c[N];
    exponential(m, logits + n * N * N);
#pragma unroll
    for (int j = 0; j < N; j++) {
        r[j] = 1;
    }
    for (int round = 0; round < ROUNDS; round++) {
        normalise_columns(m, r, c);
        normalise_rows(m, r, c);
    }
#pragma unroll
    for (int j = 0; j < N; j++) {
#pragma unroll
        for (int i = 0; i < N; i++) {
            out[(n * N + j) * N + i] = T(m[j][i] * r[j] * c[i]);
        }
    }
}

// Back through each y = x / s: g becomes (g - <g, y>) / s, where s, a sum in the stage before, is the old factor over the new; then dL = g E.
extern "C" __global__ void sinkhorn_backward(const T *logits, const T *u, T *to, long long count) {
    const long long n = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (n >= count) {
        return;
    }
    float m[N][N], g[N][N], r[ROUNDS + 1][N], c[ROUNDS + 1][N];
    exponential(m, logits + n * N * N);
#pragma unroll
    for (int j = 0; j < N; j++) {
        r[0][j] = 1;
        c[0][j] = 1;
#pragma unroll
        for (int i = 0; i < N; i++) {
            g[j][i] = u[(n * N + j) * N + i];
        }
    }
    for (int round = 0; round < ROUNDS; round++) {
        normalise_columns(m, r[round], c[round + 1]);
        normalise_rows(m, r[round + 1], c[round + 1]);
    }
    for (int round = ROUNDS; round > 0; round--) {
#pragma unroll
        for (int j = 0; j < N; j++) {
            float inner = 0;
#pragma unroll
            for (int i = 0; i < N; i++) {
                inner += g[j][i] * m[j][i] * c[round][i];
            }
            inner *= r[round][j];
#pragma unroll
            for (int i = 0; i < N; i++) {
                g[j][i] = (g[j][i] - inner) * (r[round][j] / r[round - 1][j]);
            }
        }
#pragma unroll
        for (int i = 0; i < N; i++) {
            float inner = 0;
#pragma unroll
            for (int j = 0; j < N; j++) {
                inner += g[j][i] * m[j][i] * r[round - 1][j];
            }
            inner *= c[round][i];
#pragma unroll
            for (int j = 0; j < N; j++) {
                g[j][i] = (g[j][i] - inner) * (c[round][i] / c[round - 1][i]);
            }
        }
    }
#pragma unroll
    for (int j = 0; j < N; j++) {
#pragma unroll
        for (int i = 0; i < N; i++) {
            to[(n * N + j) * N + i] = T(g[j][i] * m[j][i]);
        }
    }
}
