// Causal attention whose scores never leave the multiprocessor: a block holds TILE rows of one head and goes through the others TILE at a time
// (Dao et al. 2022). q of query t and head i at q + ((b queries + t) q_heads + i) width; k of token s at kv + ((b keys + s) kv_heads + first_key + i)
// width, v `heads` heads behind it; y and u [batch, queries, heads, width]; lse and along [batch, heads, queries]. Query t sees keys up to past + t.
// 64 threads, 8 by 8: a thread has R rows in a row and every 8th column. WIDE is the width rounded up to a multiple of 8, zeros behind it.
// Grid (tiles, heads, batch). The twin of flash_tensor.cu in plain arithmetic.

#ifndef WIDE
#define WIDE 64
#endif
#ifndef TILE
#define TILE 32
#endif
#define R (TILE / 8)
#define COLUMNS (WIDE / 8)
#define ROW (WIDE + 1)
#define SQUARE (TILE + 1)

// TILE rows, zeros behind the last row and behind the width.
static __device__ __forceinline__ void take(float *to, const T *from, long long stride, int rows, int width) {
    for (int i = threadIdx.x; i < TILE * WIDE; i += blockDim.x) {
        const int r = i / WIDE, c = i % WIDE;
        to[r * ROW + c] = r < rows && c < width ? (float) from[r * stride + c] : 0.0f;
    }
}

// A B' of two tiles.
static __device__ __forceinline__ void products(float (&s)[R][R], const float *a, const float *b) {
    const float *x = a + threadIdx.x / 8 * R * ROW, *y = b + threadIdx.x % 8 * ROW;
#pragma unroll
    for (int i = 0; i < R; i++) {
#pragma unroll
        for (int j = 0; j < R; j++) {
            s[i][j] = 0;
        }
    }
#pragma unroll 4
    for (int d = 0; d < WIDE; d++) {
        float k[R];
#pragma unroll
        for (int j = 0; j < R; j++) {
            k[j] = y[j * 8 * ROW + d];
        }
#pragma unroll
        for (int i = 0; i < R; i++) {
            const float q = x[i * ROW + d];
#pragma unroll
            for (int j = 0; j < R; j++) {
                s[i][j] = fmaf(q, k[j], s[i][j]);
            }
        }
    }
}

static __device__ __forceinline__ void put(float *square, const float (&s)[R][R]) {
#pragma unroll
    for (int i = 0; i < R; i++) {
#pragma unroll
        for (int j = 0; j < R; j++) {
            square[(threadIdx.x / 8 * R + i) * SQUARE + threadIdx.x % 8 + 8 * j] = s[i][j];
        }
    }
}

// out += P B, or P' B if P lies transposed: element (row, k) at row * along_row + k * along_k.
static __device__ __forceinline__ void accumulate(
        float (&out)[R][COLUMNS], const float *p, int along_row, int along_k, const float *b) {
    const float *x = p + threadIdx.x / 8 * R * along_row, *y = b + threadIdx.x % 8;
#pragma unroll 2
    for (int k = 0; k < TILE; k++) {
        float w[R];
#pragma unroll
        for (int i = 0; i < R; i++) {
            w[i] = x[i * along_row + k * along_k];
        }
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) {
            const float v = y[k * ROW + 8 * j];
#pragma unroll
            for (int i = 0; i < R; i++) {
                out[i][j] = fmaf(w[i], v, out[i][j]);
            }
        }
    }
}

static __device__ __forceinline__ void give(T *to, long long stride, int rows, int width, const float (&out)[R][COLUMNS]) {
#pragma unroll
    for (int i = 0; i < R; i++) {
        const int r = threadIdx.x / 8 * R + i;
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) {
            const int c = threadIdx.x % 8 + 8 * j;
            if (r < rows && c < width) {
                to[r * stride + c] = T(out[i][j]);
            }
        }
    }
}

// y = softmax(scale q k') v, lse; shared [2 TILE ROW + TILE SQUARE]
extern "C" __global__ void __launch_bounds__(64) flash_forward(const T *q, const T *kv, T *y, float *lse, int heads, int queries,
        int keys, int width, int q_heads, int kv_heads, int first_key, float scale) {
    SHARED(float, shared);
    float *own = shared, *other = own + TILE * ROW, *square = other + TILE * ROW;
    const int head = blockIdx.y, past = keys - queries, from = (gridDim.x - 1 - blockIdx.x) * TILE, rows = min(TILE, queries - from);
    const long long b = blockIdx.z, q_row = (long long) q_heads * width, kv_row = (long long) kv_heads * width;
    const T *k = kv + b * keys * kv_row + (long long) (first_key + head) * width, *v = k + (long long) heads * width;
    const int row = threadIdx.x / 8 * R, column = threadIdx.x % 8;
    float out[R][COLUMNS] = {}, most[R], total[R] = {};
#pragma unroll
    for (int i = 0; i < R; i++) {
        most[i] = -INF;
    }
    take(own, q + (b * queries + from) * q_row + (long long) head * width, q_row, rows, width);
    for (int at = 0; at < past + from + rows; at += TILE) {
        float s[R][R];
        __syncthreads();
        take(other, k + at * kv_row, kv_row, keys - at, width);
        __syncthreads();
        products(s, own, other);
        __syncthreads();
        take(other, v + at * kv_row, kv_row, keys - at, width);
#pragma unroll
        for (int i = 0; i < R; i++) {
            float high = most[i], sum = 0;
#pragma unroll
            for (int j = 0; j < R; j++) {
                s[i][j] = at + column + 8 * j <= past + from + row + i ? s[i][j] * scale : -INF;
                high = fmaxf(high, s[i][j]);
            }
            for (int mask = 4; mask > 0; mask >>= 1) {
                high = fmaxf(high, __shfl_xor_sync(FULL, high, mask));
            }
#pragma unroll
            for (int j = 0; j < R; j++) {
                s[i][j] = expf(s[i][j] - high);
                sum += s[i][j];
            }
            for (int mask = 4; mask > 0; mask >>= 1) {
                sum += __shfl_xor_sync(FULL, sum, mask);
            }
            const float keep = expf(most[i] - high);
            total[i] = total[i] * keep + sum;
            most[i] = high;
#pragma unroll
            for (int j = 0; j < COLUMNS; j++) {
                out[i][j] *= keep;
            }
        }
        put(square, s);
        __syncthreads();
        accumulate(out, square, SQUARE, 1, other);
    }
#pragma unroll
    for (int i = 0; i < R; i++) {
        if (column == 0 && row + i < rows) {
            lse[(b * heads + head) * queries + from + row + i] = most[i] + logf(total[i]);
        }
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) {
            out[i][j] /= total[i];
        }
    }
    give(y + ((b * queries + from) * heads + head) * width, (long long) heads * width, rows, width, out);
}

// P and scale P (dP - along) over scores and dP of queries from `query` and keys from `key` on, zero where a query does not see a key.
static __device__ __forceinline__ void slopes(float (&s)[R][R], float (&dp)[R][R], int query, int key, int queries, int past,
        const float *lse, const float *along, float scale) {
#pragma unroll
    for (int i = 0; i < R; i++) {
        const int t = query + threadIdx.x / 8 * R + i;
        const float log = t < queries ? lse[t] : 0.0f, mean = t < queries ? along[t] : 0.0f;
#pragma unroll
        for (int j = 0; j < R; j++) {
            const bool seen = t < queries && key + (int) (threadIdx.x % 8) + 8 * j <= past + t;
            s[i][j] = seen ? expf(s[i][j] * scale - log) : 0.0f;
            dp[i][j] = s[i][j] * (dp[i][j] - mean) * scale;
        }
    }
}

// dq = dS k; a block a tile of queries; shared [3 TILE ROW + TILE SQUARE]
extern "C" __global__ void __launch_bounds__(64) flash_queries(const T *q, const T *kv, const T *u, const float *lse,
        const float *along, T *dq, int heads, int queries, int keys, int width, int q_heads, int kv_heads, int first_key,
        float scale) {
    SHARED(float, shared);
    float *own = shared, *up = own + TILE * ROW, *other = up + TILE * ROW, *square = other + TILE * ROW;
    const int head = blockIdx.y, past = keys - queries, from = (gridDim.x - 1 - blockIdx.x) * TILE, rows = min(TILE, queries - from);
    const long long b = blockIdx.z, q_row = (long long) q_heads * width, kv_row = (long long) kv_heads * width;
    const long long first = (b * queries + from) * q_row + (long long) head * width, statistics = (b * heads + head) * queries;
    const T *k = kv + b * keys * kv_row + (long long) (first_key + head) * width, *v = k + (long long) heads * width;
    float out[R][COLUMNS] = {};
    take(own, q + first, q_row, rows, width);
    take(up, u + ((b * queries + from) * heads + head) * width, (long long) heads * width, rows, width);
    for (int at = 0; at < past + from + rows; at += TILE) {
        float s[R][R], dp[R][R];
        __syncthreads();
        take(other, v + at * kv_row, kv_row, keys - at, width);
        __syncthreads();
        products(dp, up, other);
        __syncthreads();
        take(other, k + at * kv_row, kv_row, keys - at, width);
        __syncthreads();
        products(s, own, other);
        slopes(s, dp, from, at, queries, past, lse + statistics, along + statistics, scale);
        put(square, dp);
        __syncthreads();
        accumulate(out, square, SQUARE, 1, other);
    }
    give(dq + first, q_row, rows, width, out);
}

// dk = dS'q, dv = P'u; a block a tile of keys; shared [3 TILE ROW + TILE SQUARE]
extern "C" __global__ void __launch_bounds__(64) flash_keys(const T *q, const T *kv, const T *u, const float *lse,
        const float *along, T *dkv, int heads, int queries, int keys, int width, int q_heads, int kv_heads, int first_key,
        float scale) {
    SHARED(float, shared);
    float *key = shared, *value = key + TILE * ROW, *other = value + TILE * ROW, *square = other + TILE * ROW;
    const int head = blockIdx.y, past = keys - queries, from = blockIdx.x * TILE, rows = min(TILE, keys - from);
    const long long b = blockIdx.z, q_row = (long long) q_heads * width, kv_row = (long long) kv_heads * width;
    const long long u_row = (long long) heads * width, statistics = (b * heads + head) * queries;
    const long long k = (b * keys + from) * kv_row + (long long) (first_key + head) * width, v = k + (long long) heads * width;
    const T *query = q + b * queries * q_row + (long long) head * width, *up = u + b * queries * u_row + (long long) head * width;
    float dk[R][COLUMNS] = {}, dv[R][COLUMNS] = {};
    take(key, kv + k, kv_row, rows, width);
    take(value, kv + v, kv_row, rows, width);
    for (int at = max(0, from - past) / TILE * TILE; at < queries; at += TILE) {
        float s[R][R], dp[R][R];
        __syncthreads();
        take(other, up + at * u_row, u_row, queries - at, width);
        __syncthreads();
        products(dp, other, value);
        __syncthreads();
        take(other, query + at * q_row, q_row, queries - at, width);
        __syncthreads();
        products(s, other, key);
        slopes(s, dp, at, from, queries, past, lse + statistics, along + statistics, scale);
        put(square, dp);
        __syncthreads();
        accumulate(dk, square, 1, SQUARE, other);
        __syncthreads();
        put(square, s);
        take(other, up + at * u_row, u_row, queries - at, width);
        __syncthreads();
        accumulate(dv, square, 1, SQUARE, other);
    }
    give(dkv + k, kv_row, rows, width, dk);
    give(dkv + v, kv_row, rows, width, dv);
}
