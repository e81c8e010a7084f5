// flash.cu on tensor cores, bf16 alone: layouts and arguments as there. 128 threads, 4 warps; a warp owns 16 OWN rows of its block's tile (queries, or
// keys for the gradients of keys and values) and the block goes through the OTHERS rows of the other side at a time. WIDE is the width rounded up to
// a multiple of 16. Rows in shared memory are 16 bytes longer, which keeps the eight rows of a matrix in different banks. A thread's element e of
// block n of a result is row g + 8 (e / 2), column 8 n + t + e % 2 with g = lane / 4, t = 2 (lane % 4), see tensorcore.cu.

#ifndef WIDE
#define WIDE 64
#endif
#ifndef OWN
#define OWN 1
#endif
#ifndef OTHERS
#define OTHERS 64
#endif
#ifndef ALIGNED
#define ALIGNED 1
#endif
#define TILE (64 * OWN)
#define ROW (WIDE + 8)
#define BLOCKS (OTHERS / 8)
#define COLUMNS (WIDE / 8)
#define LOG2E 1.4426950408889634f
#define LN2 0.6931471805599453f

#if STORAGE_BF16

// Starts taking rows to shared memory, zeros behind the last row and behind the width.
template <int ROWS>
static __device__ __forceinline__ void take(T *to, const T *from, long long stride, int rows, int width) {
#pragma unroll 4
    for (int i = threadIdx.x; i < ROWS * (WIDE / 8); i += 128) {
        const int r = i / (WIDE / 8), c = i % (WIDE / 8) * 8;
        T *target = to + r * ROW + c;
#if ALIGNED
        const bool there = r < rows && c < width;
        copy_async(target, there ? from + r * stride + c : from, there);
#else
        for (int e = 0; e < 8; e++) {
            target[e] = r < rows && c + e < width ? from[r * stride + c + e] : T(0.0f);
        }
#endif
    }
}

// A B' of the warp's rows of a and all rows of b.
static __device__ __forceinline__ void products(float (&s)[OWN][BLOCKS][4], const T *a, const T *b) {
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int o = 0; o < OWN; o++) {
#pragma unroll
        for (int n = 0; n < BLOCKS; n++) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
                s[o][n][e] = 0;
            }
        }
    }
    const T *x = a + (threadIdx.x / 32 * 16 * OWN + lane % 16) * ROW + lane / 16 * 8;
    const T *y = b + (lane / 16 * 8 + lane % 8) * ROW + lane / 8 % 2 * 8;
#pragma unroll
    for (int d = 0; d < WIDE; d += 16) {
        unsigned left[OWN][4];
#pragma unroll
        for (int o = 0; o < OWN; o++) {
            matrices<false>(left[o], x + o * 16 * ROW + d);
        }
#pragma unroll
        for (int n = 0; n < BLOCKS; n += 2) {
            unsigned right[4];
            matrices<false>(right, y + n * 8 * ROW + d);
#pragma unroll
            for (int o = 0; o < OWN; o++) {
                mma(s[o][n], left[o], right[0], right[1]);
                mma(s[o][n + 1], left[o], right[2], right[3]);
            }
        }
    }
}

// out += P B with the warp's P in registers, rounded to bf16, and the rows of b.
static __device__ __forceinline__ void accumulate(float (&out)[OWN][COLUMNS][4], const float (&p)[OWN][BLOCKS][4], const T *b) {
    const int lane = threadIdx.x % 32;
    const T *y = b + lane % 16 * ROW + lane / 16 * 8;
#pragma unroll
    for (int k = 0; k < BLOCKS; k += 2) {
        unsigned left[OWN][4];
#pragma unroll
        for (int o = 0; o < OWN; o++) {
            left[o][0] = pair(p[o][k][0], p[o][k][1]);
            left[o][1] = pair(p[o][k][2], p[o][k][3]);
            left[o][2] = pair(p[o][k + 1][0], p[o][k + 1][1]);
            left[o][3] = pair(p[o][k + 1][2], p[o][k + 1][3]);
        }
#pragma unroll
        for (int n = 0; n < COLUMNS; n += 2) {
            unsigned right[4];
            matrices<true>(right, y + k * 8 * ROW + n * 8);
#pragma unroll
            for (int o = 0; o < OWN; o++) {
                mma(out[o][n], left[o], right[0], right[1]);
                mma(out[o][n + 1], left[o], right[2], right[3]);
            }
        }
    }
}

// Scores that do not count: in rows of queries, of the keys behind `seen` plus the row; columns from `column` on are the thread's.
static __device__ __forceinline__ void hide(float (&s)[OWN][BLOCKS][4], int seen, int column) {
#pragma unroll
    for (int o = 0; o < OWN; o++) {
#pragma unroll
        for (int n = 0; n < BLOCKS; n++) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
                s[o][n][e] = n * 8 + column + e % 2 > seen + o * 16 + e / 2 * 8 ? -INF : s[o][n][e];
            }
        }
    }
}

// The warp's rows, those up to `rows` of the block's.
static __device__ __forceinline__ void give(T *to, long long stride, int rows, int width, const float (&out)[OWN][COLUMNS][4]) {
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int o = 0; o < OWN; o++) {
#pragma unroll
        for (int e = 0; e < 4; e += 2) {
            const int r = (threadIdx.x / 32 * OWN + o) * 16 + lane / 4 + e * 4;
#pragma unroll
            for (int n = 0; n < COLUMNS; n++) {
                const int c = n * 8 + lane % 4 * 2;
                T *target = to + r * stride + c;
#if ALIGNED
                if (r < rows && c < width) {
                    *reinterpret_cast<unsigned *>(target) = pair(out[o][n][e], out[o][n][e + 1]);
                }
#else
                if (r < rows && c < width) {
                    target[0] = T(out[o][n][e]);
                }
                if (r < rows && c + 1 < width) {
                    target[1] = T(out[o][n][e + 1]);
                }
#endif
            }
        }
    }
}

// y = softmax(scale q k') v, lse; shared [TILE + 2 OTHERS, ROW]. Values come while the scores are computed, the next keys while the values are used.
extern "C" __global__ void __launch_bounds__(128) tensor_forward(const T *q, const T *kv, T *y, float *lse, int heads, int queries,
        int keys, int width, int q_heads, int kv_heads, int first_key, float scale) {
    SHARED(T, shared);
    T *own = shared, *key = own + TILE * ROW, *value = key + OTHERS * ROW;
    const int head = blockIdx.y, past = keys - queries, from = (gridDim.x - 1 - blockIdx.x) * TILE, rows = min(TILE, queries - from);
    const long long b = blockIdx.z, q_row = (long long) q_heads * width, kv_row = (long long) kv_heads * width;
    const T *k = kv + b * keys * kv_row + (long long) (first_key + head) * width, *v = k + (long long) heads * width;
    const int lane = threadIdx.x % 32, row = threadIdx.x / 32 * 16 * OWN + lane / 4, column = lane % 4 * 2, end = past + from + rows;
    const float log_scale = scale * LOG2E;
    float out[OWN][COLUMNS][4] = {}, most[OWN][2], total[OWN][2] = {};
#pragma unroll
    for (int o = 0; o < OWN; o++) {
        most[o][0] = most[o][1] = -INF;
    }
    take<TILE>(own, q + (b * queries + from) * q_row + (long long) head * width, q_row, rows, width);
    take<OTHERS>(key, k, kv_row, keys, width);
    for (int at = 0; at < end; at += OTHERS) {
        float s[OWN][BLOCKS][4];
        copies_done();
        __syncthreads();
        take<OTHERS>(value, v + at * kv_row, kv_row, keys - at, width);
        products(s, own, key);
        if (at + OTHERS - 1 > past + from) {
            hide(s, past + from + row - at, column);
        }
#pragma unroll
        for (int o = 0; o < OWN; o++) {
#pragma unroll
            for (int half = 0; half < 2; half++) {
                float high = -INF, sum = 0;
#pragma unroll
                for (int n = 0; n < BLOCKS; n++) {
                    high = fmaxf(high, fmaxf(s[o][n][half * 2], s[o][n][half * 2 + 1]));
                }
                high = fmaxf(high, __shfl_xor_sync(FULL, high, 1));
                high = fmaxf(most[o][half], fmaxf(high, __shfl_xor_sync(FULL, high, 2)) * log_scale);
#pragma unroll
                for (int n = 0; n < BLOCKS; n++) {
#pragma unroll
                    for (int e = half * 2; e < half * 2 + 2; e++) {
                        s[o][n][e] = power_of_two(fmaf(s[o][n][e], log_scale, -high));
                        sum += s[o][n][e];
                    }
                }
                const float keep = power_of_two(most[o][half] - high);
                total[o][half] = total[o][half] * keep + sum;
                most[o][half] = high;
#pragma unroll
                for (int n = 0; n < COLUMNS; n++) {
                    out[o][n][half * 2] *= keep;
                    out[o][n][half * 2 + 1] *= keep;
                }
            }
        }
        copies_done();
        __syncthreads();
        if (at + OTHERS < end) {
            take<OTHERS>(key, k + (at + OTHERS) * kv_row, kv_row, keys - at - OTHERS, width);
        }
        accumulate(out, s, value);
    }
#pragma unroll
    for (int o = 0; o < OWN; o++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            float sum = total[o][half];
            sum += __shfl_xor_sync(FULL, sum, 1);
            sum += __shfl_xor_sync(FULL, sum, 2);
            const int r = row + o * 16 + half * 8;
            if (lane % 4 == 0 && r < rows) {
                lse[(b * heads + head) * queries + from + r] = (most[o][half] + log2f(sum)) * LN2;
            }
#pragma unroll
            for (int n = 0; n < COLUMNS; n++) {
                out[o][n][half * 2] /= sum;
                out[o][n][half * 2 + 1] /= sum;
            }
        }
    }
    give(y + ((b * queries + from) * heads + head) * width, (long long) heads * width, rows, width, out);
}

// dq = dS k; a block a tile of queries; shared [2 TILE + 4 OTHERS, ROW]: the next keys and values come while these are used
extern "C" __global__ void __launch_bounds__(128) tensor_queries(const T *q, const T *kv, const T *u, const float *lse,
        const float *along, T *dq, int heads, int queries, int keys, int width, int q_heads, int kv_heads, int first_key,
        float scale) {
    SHARED(T, shared);
    T *own = shared, *up = own + TILE * ROW, *stages = up + TILE * ROW;
    const int head = blockIdx.y, past = keys - queries, from = (gridDim.x - 1 - blockIdx.x) * TILE, rows = min(TILE, queries - from);
    const long long b = blockIdx.z, q_row = (long long) q_heads * width, kv_row = (long long) kv_heads * width;
    const long long first = (b * queries + from) * q_row + (long long) head * width, statistics = (b * heads + head) * queries + from;
    const T *k = kv + b * keys * kv_row + (long long) (first_key + head) * width, *v = k + (long long) heads * width;
    const int lane = threadIdx.x % 32, row = threadIdx.x / 32 * 16 * OWN + lane / 4, column = lane % 4 * 2, end = past + from + rows;
    float out[OWN][COLUMNS][4] = {}, log[OWN][2], mean[OWN][2];
#pragma unroll
    for (int o = 0; o < OWN; o++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const int r = row + o * 16 + half * 8;
            log[o][half] = r < rows ? lse[statistics + r] * LOG2E : INF;
            mean[o][half] = r < rows ? along[statistics + r] : 0.0f;
        }
    }
    take<TILE>(own, q + first, q_row, rows, width);
    take<TILE>(up, u + ((b * queries + from) * heads + head) * width, (long long) heads * width, rows, width);
    take<OTHERS>(stages, k, kv_row, keys, width);
    take<OTHERS>(stages + OTHERS * ROW, v, kv_row, keys, width);
    for (int at = 0; at < end; at += OTHERS) {
        const T *key = stages + at / OTHERS % 2 * 2 * OTHERS * ROW, *value = key + OTHERS * ROW;
        float s[OWN][BLOCKS][4], dp[OWN][BLOCKS][4];
        copies_done();
        __syncthreads();
        if (at + OTHERS < end) {
            T *next = stages + (at / OTHERS + 1) % 2 * 2 * OTHERS * ROW;
            take<OTHERS>(next, k + (at + OTHERS) * kv_row, kv_row, keys - at - OTHERS, width);
            take<OTHERS>(next + OTHERS * ROW, v + (at + OTHERS) * kv_row, kv_row, keys - at - OTHERS, width);
        }
        products(s, own, key);
        products(dp, up, value);
        if (at + OTHERS - 1 > past + from) {
            hide(s, past + from + row - at, column);
        }
#pragma unroll
        for (int o = 0; o < OWN; o++) {
#pragma unroll
            for (int n = 0; n < BLOCKS; n++) {
#pragma unroll
                for (int e = 0; e < 4; e++) {
                    const float p = power_of_two(fmaf(s[o][n][e], scale * LOG2E, -log[o][e / 2]));
                    s[o][n][e] = p * (dp[o][n][e] - mean[o][e / 2]) * scale;
                }
            }
        }
        accumulate(out, s, key);
    }
    give(dq + first, q_row, rows, width, out);
}

// dk = dS'q, dv = P'u; a block a tile of keys, everything transposed; shared [2 TILE + 4 OTHERS, ROW]: the next queries come while these are used
extern "C" __global__ void __launch_bounds__(128) tensor_keys(const T *q, const T *kv, const T *u, const float *lse,
        const float *along, T *dkv, int heads, int queries, int keys, int width, int q_heads, int kv_heads, int first_key,
        float scale) {
    SHARED(T, shared);
    T *key = shared, *value = key + TILE * ROW, *stages = value + TILE * ROW;
    const int head = blockIdx.y, past = keys - queries, from = blockIdx.x * TILE, rows = min(TILE, keys - from);
    const long long b = blockIdx.z, q_row = (long long) q_heads * width, kv_row = (long long) kv_heads * width;
    const long long u_row = (long long) heads * width, statistics = (b * heads + head) * queries;
    const long long k = (b * keys + from) * kv_row + (long long) (first_key + head) * width, v = k + (long long) heads * width;
    const T *query = q + b * queries * q_row + (long long) head * width, *up = u + b * queries * u_row + (long long) head * width;
    const int lane = threadIdx.x % 32, row = threadIdx.x / 32 * 16 * OWN + lane / 4, column = lane % 4 * 2;
    const int start = max(0, from - past) / OTHERS * OTHERS;
    float dk[OWN][COLUMNS][4] = {}, dv[OWN][COLUMNS][4] = {};
    take<TILE>(key, kv + k, kv_row, rows, width);
    take<TILE>(value, kv + v, kv_row, rows, width);
    take<OTHERS>(stages, query + start * q_row, q_row, queries - start, width);
    take<OTHERS>(stages + OTHERS * ROW, up + start * u_row, u_row, queries - start, width);
    for (int at = start; at < queries; at += OTHERS) {
        const T *other = stages + (at - start) / OTHERS % 2 * 2 * OTHERS * ROW, *other_up = other + OTHERS * ROW;
        float s[OWN][BLOCKS][4], dp[OWN][BLOCKS][4];
        copies_done();
        __syncthreads();
        if (at + OTHERS < queries) {
            T *next = stages + ((at - start) / OTHERS + 1) % 2 * 2 * OTHERS * ROW;
            take<OTHERS>(next, query + (at + OTHERS) * q_row, q_row, queries - at - OTHERS, width);
            take<OTHERS>(next + OTHERS * ROW, up + (at + OTHERS) * u_row, u_row, queries - at - OTHERS, width);
        }
        products(s, key, other);
        products(dp, value, other_up);
        const bool masked = from + TILE - 1 > past + at;
#pragma unroll
        for (int n = 0; n < BLOCKS; n++) {
#pragma unroll
            for (int side = 0; side < 2; side++) {
                const int t = at + n * 8 + column + side;
                const float log = t < queries ? lse[statistics + t] * LOG2E : INF, mean = t < queries ? along[statistics + t] : 0.0f;
#pragma unroll
                for (int o = 0; o < OWN; o++) {
#pragma unroll
                    for (int half = 0; half < 2; half++) {
                        const int e = half * 2 + side;
                        const bool hidden = masked && from + row + o * 16 + half * 8 > past + t;
                        const float p = hidden ? 0.0f : power_of_two(fmaf(s[o][n][e], scale * LOG2E, -log));
                        s[o][n][e] = p;
                        dp[o][n][e] = p * (dp[o][n][e] - mean) * scale;
                    }
                }
            }
        }
        accumulate(dv, s, other_up);
        accumulate(dk, dp, other);
    }
    give(dkv + k, kv_row, rows, width, dk);
    give(dkv + v, kv_row, rows, width, dv);
}

#endif
