// Reading a vector from a state: X [tokens, DV, d], W [TAPS, DV, d], x and its gradient u [tokens, d]. Tokens are counted over the whole batch, in
// sequences of length; the last tap is the current token's. V features a thread at a time.

// x_t = sum over lag < TAPS and j of W[TAPS-1-lag, j] X_{t-lag}[j], zeros before the sequence; a thread for V features of a token
extern "C" __global__ void compress_forward(const T *state, const T *w, T *x, long long tokens, long long length, int d) {
    const long long n = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    const long long t = n / (d / V);
    const int i = (int) (n % (d / V)) * V;
    if (t >= tokens) {
        return;
    }
    float sum[V] = {};
    for (int lag = (int) min(TAPS - 1LL, t % length); lag >= 0; lag--) {
#pragma unroll
        for (int j = 0; j < DV; j++) {
            const Pack a = load(state + ((t - lag) * DV + j) * d + i);
            const Pack b = load(w + ((long long) (TAPS - 1 - lag) * DV + j) * d + i);
#pragma unroll
            for (int e = 0; e < V; e++) {
                sum[e] += (float) a.at[e] * (float) b.at[e];
            }
        }
    }
    Pack y;
#pragma unroll
    for (int e = 0; e < V; e++) {
        y.at[e] = T(sum[e]);
    }
    store(x + t * d + i, y);
}

// dX_t[j] (+)= sum over lag of W[TAPS-1-lag, j] u_{t+lag}, up to the end of the sequence; a thread for V features of a token
extern "C" __global__ void compress_state(
        const T *u, const T *w, T *dx, long long tokens, long long length, int d, int add) {
    const long long n = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    const long long t = n / (d / V);
    const int i = (int) (n % (d / V)) * V;
    if (t >= tokens) {
        return;
    }
    const int readers = (int) min((long long) TAPS, length - t % length);
    float sum[DV][V] = {};
    for (int lag = 0; lag < readers; lag++) {
        const Pack a = load(u + (t + lag) * d + i);
#pragma unroll
        for (int j = 0; j < DV; j++) {
            const Pack b = load(w + ((long long) (TAPS - 1 - lag) * DV + j) * d + i);
#pragma unroll
            for (int e = 0; e < V; e++) {
                sum[j][e] += (float) a.at[e] * (float) b.at[e];
            }
        }
    }
#pragma unroll
    for (int j = 0; j < DV; j++) {
        Pack y;
#pragma unroll
        for (int e = 0; e < V; e++) {
            y.at[e] = T(sum[j][e]);
        }
        store(dx + (t * DV + j) * d, i, d, y, add);
    }
}

// dW's part: the sum over a part's tokens of X_t[j] u_{t+lag}, for every lag and channel. A thread holds u of TAPS tokens for V features, grid
// (features, parts); partial [parts, TAPS, DV, d].
extern "C" __global__ void compress_weight(
        const T *state, const T *u, float *partial, long long tokens, long long length, int d) {
    const int i = (blockIdx.x * blockDim.x + threadIdx.x) * V;
    if (i >= d) {
        return;
    }
    const long long begin = blockIdx.y * tokens / gridDim.y, end = (blockIdx.y + 1) * tokens / gridDim.y;
    float sum[TAPS][DV][V] = {};
    Pack ups[TAPS]; // of the tokens that read token t, zeros behind the end of the sequence
    for (long long t = begin; t < end; t++) {
        const long long left = length - t % length;
        if (t == begin || left == length) {
#pragma unroll
            for (int lag = 0; lag < TAPS; lag++) {
                ups[lag] = lag < left ? load(u + (t + lag) * d + i) : uniform(0);
            }
        } else {
#pragma unroll
            for (int lag = 1; lag < TAPS; lag++) {
                ups[lag - 1] = ups[lag];
            }
            ups[TAPS - 1] = TAPS - 1 < left ? load(u + (t + TAPS - 1) * d + i) : uniform(0);
        }
#pragma unroll
        for (int j = 0; j < DV; j++) {
            const Pack x = load(state + (t * DV + j) * d + i);
#pragma unroll
            for (int lag = 0; lag < TAPS; lag++) {
#pragma unroll
                for (int e = 0; e < V; e++) {
                    sum[lag][j][e] += (float) x.at[e] * (float) ups[lag].at[e];
                }
            }
        }
    }
#pragma unroll
    for (int lag = 0; lag < TAPS; lag++) {
#pragma unroll
        for (int j = 0; j < DV; j++) {
#pragma unroll
            for (int e = 0; e < V; e++) {
                partial[((blockIdx.y * (long long) TAPS + TAPS - 1 - lag) * DV + j) * d + i + e] = sum[lag][j][e];
            }
        }
    }
}

// One tap, both gradients in one pass over X: dX_j (+)= w_j u, and dW's part, the sum over a part's tokens of X_j u; grid (features, parts),
// partial [parts, DV, d]
extern "C" __global__ void compress_both(
        const T *state, const T *w, const T *u, T *dx, float *partial, long long tokens, int d, int add) {
    const int i = (blockIdx.x * blockDim.x + threadIdx.x) * V;
    if (i >= d) {
        return;
    }
    float sum[DV][V] = {};
    const long long end = (blockIdx.y + 1) * tokens / gridDim.y;
    for (long long t = blockIdx.y * tokens / gridDim.y; t < end; t++) {
        const Pack up = load(u + t * d + i);
#pragma unroll
        for (int j = 0; j < DV; j++) {
            const Pack x = load(state + (t * DV + j) * d + i), weight = load(w + (long long) j * d + i);
            Pack y;
#pragma unroll
            for (int e = 0; e < V; e++) {
                sum[j][e] += (float) x.at[e] * (float) up.at[e];
                y.at[e] = T((float) weight.at[e] * (float) up.at[e]);
            }
            store(dx + (t * DV + j) * d, i, d, y, add);
        }
    }
#pragma unroll
    for (int j = 0; j < DV; j++) {
#pragma unroll
        for (int e = 0; e < V; e++) {
            partial[((long long) blockIdx.y * DV + j) * d + i + e] = sum[j][e];
        }
    }
}
