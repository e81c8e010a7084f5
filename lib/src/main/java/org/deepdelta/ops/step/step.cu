// From one sublayer to the next: rewrite, compress, normalise. X, X', U, dX [tokens, DV, d]; k~, x, c and their gradients [tokens, d]; v [tokens,
// DV]; gates [tokens]; W [K, DV, d], the last tap is the current token's; scale [d]. No W: x is X' (DV = 1), and is not written.

// The sum of a row's squares, rounded to storage as those who read it back will find it, gives r = 1 / sqrt(mean(x^2) + eps); c = scale r x.
static __device__ __forceinline__ void normalise(Pack (&x)[CHUNKS], const T *scale, T *c, float *root, int d, float eps) {
    float square = 0;
#pragma unroll
    for (int p = 0; p < CHUNKS; p++) {
#pragma unroll
        for (int e = 0; e < V; e++) {
            square += (float) x[p].at[e] * (float) x[p].at[e];
        }
    }
    const float r = 1 / sqrtf(block_sum(square) / d + eps);
    if (threadIdx.x == 0) {
        *root = r;
    }
#pragma unroll
    for (int p = 0; p < CHUNKS; p++) {
        const int i = element(p);
#pragma unroll
        for (int e = 0; e < V; e++) {
            x[p].at[e] = T((float) x[p].at[e] * r * (i < d ? (float) scale[i + e] : 0.0f));
        }
    }
    store(c, d, x);
}

// One tap: X' as delta_forward, x = sum over j of w_j X'_j, c = scale x / sqrt(mean(x^2) + eps), a token a block; X is read once and X' written
// once. Keeps inverse and root [tokens], read [tokens, DV].
extern "C" __global__ void __launch_bounds__(MOST_THREADS) step_forward(
        const T *state, const T *k, const T *v, const T *erase, const T *write, const T *w, const T *scale, T *next, T *x,
        T *c, float *inverse, float *read, float *root, int d, float guard, float eps, int kind) {
    const long long t = blockIdx.x;
    Pack raw[CHUNKS], rows[CHUNKS][DV];
    load(raw, k + t * d, d);
    load(rows, state + t * DV * d, d);
    rewrite(rows, raw, v, erase, write, inverse, read, t, guard, kind);
    store(next + t * DV * d, d, rows, 0);
#pragma unroll
    for (int p = 0; p < CHUNKS; p++) {
        float sum[V] = {};
#pragma unroll
        for (int j = 0; j < DV; j++) {
            const Pack weight = w ? load(w + (long long) j * d, element(p), d) : uniform(1);
#pragma unroll
            for (int e = 0; e < V; e++) {
                sum[e] += (float) weight.at[e] * (float) rows[p][j].at[e];
            }
        }
#pragma unroll
        for (int e = 0; e < V; e++) {
            raw[p].at[e] = T(sum[e]);
        }
    }
    if (w) {
        store(x + t * d, d, raw);
    }
    normalise(raw, scale, c + t * d, root + t, d, eps);
}

// Any taps, behind delta_forward: x_t = sum over lag < K and j of W[K-1-lag, j] X'_{t-lag}[j], zeros before the sequence, then c; a token a block
extern "C" __global__ void __launch_bounds__(MOST_THREADS) step_read(
        const T *next, const T *w, const T *scale, T *x, T *c, float *root, long long length, int taps, int d, float eps) {
    const long long t = blockIdx.x;
    const int most = (int) min(taps - 1LL, t % length);
    Pack read[CHUNKS];
#pragma unroll
    for (int p = 0; p < CHUNKS; p++) {
        float sum[V] = {};
        for (int lag = most; lag >= 0; lag--) {
#pragma unroll
            for (int j = 0; j < DV; j++) {
                const Pack a = load(next + ((t - lag) * DV + j) * d, element(p), d);
                const Pack b = load(w + ((long long) (taps - 1 - lag) * DV + j) * d, element(p), d);
#pragma unroll
                for (int e = 0; e < V; e++) {
                    sum[e] += (float) a.at[e] * (float) b.at[e];
                }
            }
        }
#pragma unroll
        for (int e = 0; e < V; e++) {
            read[p].at[e] = T(sum[e]);
        }
    }
    store(x + t * d, d, read);
    normalise(read, scale, c + t * d, root + t, d, eps);
}

// One token of the norm's way back: dx = ux + r (g - z mean(g z)) with z = r x, g = uc scale. dscale += uc z. The whole block calls it.
static __device__ __forceinline__ void through_norm(
        float (&dx)[CHUNKS][V], float (&dscale)[CHUNKS][V], const float (&scale)[CHUNKS][V], const T *x, const T *ux,
        const T *uc, float r, int d) {
    Pack at[CHUNKS], up[CHUNKS];
    load(at, x, d);
    load(up, uc, d);
    float sum = 0;
#pragma unroll
    for (int p = 0; p < CHUNKS; p++) {
#pragma unroll
        for (int e = 0; e < V; e++) {
            const float uz = (float) up[p].at[e] * (float) at[p].at[e] * r;
            dscale[p][e] += uz;
            sum += uz * scale[p][e];
        }
    }
    const float slope = -block_sum(sum) / d * r * r;
#pragma unroll
    for (int p = 0; p < CHUNKS; p++) {
        const Pack other = ux ? load(ux, element(p), d) : uniform(0);
#pragma unroll
        for (int e = 0; e < V; e++) {
            dx[p][e] = (float) other.at[e] + r * (float) up[p].at[e] * scale[p][e] + slope * (float) at[p].at[e];
        }
    }
}

static __device__ __forceinline__ void take_scale(float (&to)[CHUNKS][V], const T *scale, int d) {
#pragma unroll
    for (int p = 0; p < CHUNKS; p++) {
#pragma unroll
        for (int e = 0; e < V; e++) {
            to[p][e] = element(p) < d ? (float) scale[element(p) + e] : 0.0f;
        }
    }
}

static __device__ __forceinline__ void put(float *row, int d, const float (&sums)[CHUNKS][V]) {
#pragma unroll
    for (int p = 0; p < CHUNKS; p++) {
#pragma unroll
        for (int e = 0; e < V; e++) {
            if (element(p) < d) {
                row[element(p) + e] = sums[p][e];
            }
        }
    }
}

// One tap: dx from ux and uc, dX' = u + w dx, and that through the rewrite as delta_backward; ux and u null are zero. A block goes through the
// tokens of its part and leaves the part's sums: partial [parts, DV + 1, d], dw = sum of X' dx and behind it dscale = sum of uc x r. X' is made
// again from X, which is read anyway.
extern "C" __global__ void __launch_bounds__(MOST_THREADS) step_backward(
        const T *state, const T *k, const T *v, const T *erase, const T *write, const T *w, const T *scale, const T *x,
        const float *inverse, const float *read, const float *root, const T *u, const T *ux, const T *uc, T *dstate, T *dk,
        T *dv, T *derase, T *dwrite, float *partial, long long tokens, int d, int kind, int add) {
    float s[CHUNKS][V], dscale[CHUNKS][V] = {}, dw[DV][CHUNKS][V] = {};
    take_scale(s, scale, d);
    const long long end = (blockIdx.x + 1) * tokens / gridDim.x;
    for (long long t = blockIdx.x * tokens / gridDim.x; t < end; t++) {
        Pack raw[CHUNKS], rows[CHUNKS][DV], ups[CHUNKS][DV];
        float dx[CHUNKS][V];
        load(ups, u ? u + t * DV * d : state, u ? d : 0);
        load(rows, state + t * DV * d, d);
        load(raw, k + t * d, d);
        through_norm(dx, dscale, s, x + t * d, ux ? ux + t * d : nullptr, uc + t * d, root[t], d);
#pragma unroll
        for (int p = 0; p < CHUNKS; p++) {
#pragma unroll
            for (int j = 0; j < DV; j++) {
                const Pack weight = w ? load(w + (long long) j * d, element(p), d) : uniform(1);
#pragma unroll
                for (int e = 0; e < V; e++) {
                    ups[p][j].at[e] = T((float) ups[p][j].at[e] + (float) weight.at[e] * dx[p][e]);
                }
            }
        }
        const Back back = differentiate(ups, raw, v, erase, write, inverse, read, dv, derase, dwrite, t, kind);
#pragma unroll
        for (int p = 0; p < CHUNKS; p++) {
#pragma unroll
            for (int j = 0; j < DV; j++) {
#pragma unroll
                for (int e = 0; e < V; e++) {
                    const float next = (float) rows[p][j].at[e] + back.push[j] * back.norm * (float) raw[p].at[e];
                    dw[j][p][e] += (float) T(next) * dx[p][e];
                }
            }
        }
        give(rows, raw, ups, back);
        if (dstate) {
            store(dstate + t * DV * d, d, rows, add);
        }
        if (dk) {
            store(dk + t * d, d, raw);
        }
    }
    partial += blockIdx.x * (DV + 1LL) * d;
#pragma unroll
    for (int j = 0; j < DV; j++) {
        put(partial + (long long) j * d, d, dw[j]);
    }
    put(partial + (long long) DV * d, d, dscale);
}

// Any taps, first: dx [tokens, d] from ux (null is zero) and uc, and dscale's part in partial [parts, d]
extern "C" __global__ void __launch_bounds__(MOST_THREADS) step_norm(
        const T *scale, const T *x, const float *root, const T *ux, const T *uc, T *dx, float *partial, long long tokens,
        int d) {
    float s[CHUNKS][V], dscale[CHUNKS][V] = {};
    take_scale(s, scale, d);
    const long long end = (blockIdx.x + 1) * tokens / gridDim.x;
    for (long long t = blockIdx.x * tokens / gridDim.x; t < end; t++) {
        float row[CHUNKS][V];
        through_norm(row, dscale, s, x + t * d, ux ? ux + t * d : nullptr, uc + t * d, root[t], d);
        Pack rounded[CHUNKS];
#pragma unroll
        for (int p = 0; p < CHUNKS; p++) {
#pragma unroll
            for (int e = 0; e < V; e++) {
                rounded[p].at[e] = T(row[p][e]);
            }
        }
        store(dx + t * d, d, rounded);
    }
    put(partial + (long long) blockIdx.x * d, d, dscale);
}

// Any taps, second: dX'_t[j] = u + sum over lag of W[K-1-lag, j] dx_{t+lag}, up to the end of the sequence, and that through the rewrite as
// delta_backward; u null is zero. A token a block.
extern "C" __global__ void __launch_bounds__(MOST_THREADS) step_join(
        const T *state, const T *k, const T *v, const T *erase, const T *write, const T *w, const float *inverse,
        const float *read, const T *u, const T *dx, T *dstate, T *dk, T *dv, T *derase, T *dwrite, long long length,
        int taps, int d, int kind, int add) {
    const long long t = blockIdx.x;
    const int readers = (int) min((long long) taps, length - t % length);
    Pack raw[CHUNKS], rows[CHUNKS][DV], ups[CHUNKS][DV];
    load(ups, u ? u + t * DV * d : state, u ? d : 0);
    load(rows, state + t * DV * d, d);
    load(raw, k + t * d, d);
#pragma unroll
    for (int p = 0; p < CHUNKS; p++) {
        float sum[DV][V];
#pragma unroll
        for (int j = 0; j < DV; j++) {
#pragma unroll
            for (int e = 0; e < V; e++) {
                sum[j][e] = ups[p][j].at[e];
            }
        }
        for (int lag = 0; lag < readers; lag++) {
            const Pack a = load(dx + (t + lag) * d, element(p), d);
#pragma unroll
            for (int j = 0; j < DV; j++) {
                const Pack b = load(w + ((long long) (taps - 1 - lag) * DV + j) * d, element(p), d);
#pragma unroll
                for (int e = 0; e < V; e++) {
                    sum[j][e] += (float) a.at[e] * (float) b.at[e];
                }
            }
        }
#pragma unroll
        for (int j = 0; j < DV; j++) {
#pragma unroll
            for (int e = 0; e < V; e++) {
                ups[p][j].at[e] = T(sum[j][e]);
            }
        }
    }
    const Back back = differentiate(ups, raw, v, erase, write, inverse, read, dv, derase, dwrite, t, kind);
    give(rows, raw, ups, back);
    if (dstate) {
        store(dstate + t * DV * d, d, rows, add);
    }
    if (dk) {
        store(dk + t * d, d, raw);
    }
}
