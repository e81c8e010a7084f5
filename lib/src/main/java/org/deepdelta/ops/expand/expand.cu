// A state out of an embedding: e and its gradient [tokens, d], W [TAPS, DV, d], X and its gradient U [tokens, DV, d]. Tokens are counted over the
// whole batch, in sequences of length; the last tap is the current token's. V features a thread at a time.

// X_t[j] = sum over lag < TAPS of W[TAPS-1-lag, j] e_{t-lag}, zeros before the sequence; a thread for V features of a token
extern "C" __global__ void expand_forward(
        const T *embedding, const T *w, T *state, long long tokens, long long length, int d) {
    const long long n = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    const long long t = n / (d / V);
    const int i = (int) (n % (d / V)) * V;
    if (t >= tokens) {
        return;
    }
    float sum[DV][V] = {};
    for (int lag = (int) min(TAPS - 1LL, t % length); lag >= 0; lag--) {
        const Pack a = load(embedding + (t - lag) * d + i);
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
        store(state + (t * DV + j) * d + i, y);
    }
}

// de_t (+)= sum over lag and j of W[TAPS-1-lag, j] U_{t+lag}[j], up to the end of the sequence; a thread for V features of a token
extern "C" __global__ void expand_embedding(
        const T *u, const T *w, T *de, long long tokens, long long length, int d, int add) {
    const long long n = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    const long long t = n / (d / V);
    const int i = (int) (n % (d / V)) * V;
    if (t >= tokens) {
        return;
    }
    const int readers = (int) min((long long) TAPS, length - t % length);
    float sum[V] = {};
    for (int lag = 0; lag < readers; lag++) {
#pragma unroll
        for (int j = 0; j < DV; j++) {
            const Pack a = load(u + ((t + lag) * DV + j) * d + i);
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
    store(de + t * d, i, d, y, add);
}

// dW's part: the sum over a part's tokens of e_{t-lag} U_t[j], for every lag and channel. A thread holds e of TAPS tokens for V features, grid
// (features, parts); partial [parts, TAPS, DV, d].
extern "C" __global__ void expand_weight(
        const T *embedding, const T *u, float *partial, long long tokens, long long length, int d) {
    const int i = (blockIdx.x * blockDim.x + threadIdx.x) * V;
    if (i >= d) {
        return;
    }
    const long long begin = blockIdx.y * tokens / gridDim.y, end = (blockIdx.y + 1) * tokens / gridDim.y;
    float sum[TAPS][DV][V] = {};
    Pack from[TAPS]; // token t's and those of the tokens before, zeros before the sequence
    for (long long t = begin; t < end; t++) {
        const long long at = t % length;
        if (t == begin || at == 0) {
#pragma unroll
            for (int lag = 0; lag < TAPS; lag++) {
                from[lag] = lag <= at ? load(embedding + (t - lag) * d + i) : uniform(0);
            }
        } else {
#pragma unroll
            for (int lag = TAPS - 1; lag > 0; lag--) {
                from[lag] = from[lag - 1];
            }
            from[0] = load(embedding + t * d + i);
        }
#pragma unroll
        for (int j = 0; j < DV; j++) {
            const Pack up = load(u + (t * DV + j) * d + i);
#pragma unroll
            for (int lag = 0; lag < TAPS; lag++) {
#pragma unroll
                for (int e = 0; e < V; e++) {
                    sum[lag][j][e] += (float) from[lag].at[e] * (float) up.at[e];
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
