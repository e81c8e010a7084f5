// Streams mixed: H and dH [tokens, N, d], H' and its gradient U [tokens, M, d], y and dy [tokens, d]; A [N, M] and b [M] of every token, at a
// distance of a_step and b_step, or of all, at 0. V features a thread at a time.

// H'_i = sum over j of A[j, i] H_j + b_i y; without b and y where they are null; a thread for V features of a token
extern "C" __global__ void streams_forward(
        const T *h, const T *a, int a_step, const T *b, int b_step, const T *y, T *out, long long tokens, int d) {
    const long long n = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    const long long t = n / (d / V);
    const int i = (int) (n % (d / V)) * V;
    if (t >= tokens) {
        return;
    }
    float sum[M][V] = {};
#pragma unroll
    for (int j = 0; j < N; j++) {
        const Pack row = load(h + (t * N + j) * d + i);
#pragma unroll
        for (int m = 0; m < M; m++) {
            const float factor = a[t * a_step + j * M + m];
#pragma unroll
            for (int e = 0; e < V; e++) {
                sum[m][e] += factor * (float) row.at[e];
            }
        }
    }
    const Pack more = y ? load(y + t * d + i) : uniform(0);
#pragma unroll
    for (int m = 0; m < M; m++) {
        const float factor = b ? (float) b[t * b_step + m] : 0.0f;
        Pack row;
#pragma unroll
        for (int e = 0; e < V; e++) {
            row.at[e] = T(sum[m][e] + factor * (float) more.at[e]);
        }
        store(out + (t * M + m) * d + i, row);
    }
}

// dH_j (+)= sum over i of A[j, i] U_i, and dy (+)= sum over i of b_i U_i, each unless it is null; a thread for V features of a token
extern "C" __global__ void streams_backward(
        const T *a, int a_step, const T *b, int b_step, const T *u, T *dh, T *dy, long long tokens, int d, int add_h,
        int add_y) {
    const long long n = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    const long long t = n / (d / V);
    const int i = (int) (n % (d / V)) * V;
    if (t >= tokens) {
        return;
    }
    Pack ups[M];
#pragma unroll
    for (int m = 0; m < M; m++) {
        ups[m] = load(u + (t * M + m) * d + i);
    }
    for (int j = 0; j <= N; j++) {
        if (j < N ? !dh : !dy) {
            continue;
        }
        const T *factors = j < N ? a + t * a_step + j * M : b + t * b_step;
        float sum[V] = {};
#pragma unroll
        for (int m = 0; m < M; m++) {
#pragma unroll
            for (int e = 0; e < V; e++) {
                sum[e] += (float) factors[m] * (float) ups[m].at[e];
            }
        }
        Pack row;
#pragma unroll
        for (int e = 0; e < V; e++) {
            row.at[e] = T(sum[e]);
        }
        store(j < N ? dh + (t * N + j) * d : dy + t * d, i, d, row, j < N ? add_h : add_y);
    }
}

// A lane's part of the inner products of a token's N rows with its M upstream rows.
static __device__ __forceinline__ void multiply(float (&sums)[N][M], const T *rows, const T *ups, int d) {
    for (int i = threadIdx.x % 32 * V; i < d; i += 32 * V) {
        Pack up[M];
#pragma unroll
        for (int m = 0; m < M; m++) {
            up[m] = load(ups + (long long) m * d + i);
        }
#pragma unroll
        for (int j = 0; j < N; j++) {
            const Pack row = load(rows + (long long) j * d + i);
#pragma unroll
            for (int m = 0; m < M; m++) {
#pragma unroll
                for (int e = 0; e < V; e++) {
                    sums[j][m] += (float) row.at[e] * (float) up[m].at[e];
                }
            }
        }
    }
}

// da[t, j, i] (+)= rows_j U_i' for every token; a warp a token. rows [tokens, N, d], da [tokens, N, M].
extern "C" __global__ void streams_products(const T *rows, const T *u, T *da, long long tokens, int d, int add) {
    const long long t = (long long) blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    if (t >= tokens) {
        return;
    }
    float sums[N][M] = {};
    multiply(sums, rows + t * N * d, u + t * M * d, d);
#pragma unroll
    for (int j = 0; j < N; j++) {
#pragma unroll
        for (int m = 0; m < M; m++) {
            const float sum = warp_sum(sums[j][m]);
            if (threadIdx.x % 32 == 0) {
                T *to = da + (t * N + j) * M + m;
                *to = T(add ? (float) *to + sum : sum);
            }
        }
    }
}

// The same summed over the tokens of a part; a warp a part, partial [parts, N, M]
extern "C" __global__ void streams_shared(const T *rows, const T *u, float *partial, long long tokens, int parts, int d) {
    const int part = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    if (part >= parts) {
        return;
    }
    float sums[N][M] = {};
    const long long end = (part + 1LL) * tokens / parts;
    for (long long t = part * tokens / parts; t < end; t++) {
        multiply(sums, rows + t * N * d, u + t * M * d, d);
    }
#pragma unroll
    for (int j = 0; j < N; j++) {
#pragma unroll
        for (int m = 0; m < M; m++) {
            const float sum = warp_sum(sums[j][m]);
            if (threadIdx.x % 32 == 0) {
                partial[((long long) part * N + j) * M + m] = sum;
            }
        }
    }
}
