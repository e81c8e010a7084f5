// A token's rewrite on rows held in registers, V features a thread at a time, DV value channels; delta.cu and step.cu begin with it. All gates
// are one formula, X' = X + s k (w v' - b k'X).

struct Gates {
    float s, w, b;
};

// Delta.Gates in their order: s; b and w; w with b = 0.
#define SHARED_GATE 0
#define SEPARATE_GATES 1
#define WRITE_ONLY 2

static __device__ __forceinline__ Gates gates_of(int kind, const T *erase, const T *write, long long t) {
    Gates g = {1, 1, 1};
    if (kind == SHARED_GATE) {
        g.s = write[t];
    } else {
        g.w = write[t];
        g.b = kind == WRITE_ONLY ? 0.0f : (float) erase[t];
    }
    return g;
}

// A thread's first element in chunk c of a row.
static __device__ __forceinline__ int element(int c) {
    return (threadIdx.x + c * blockDim.x) * V;
}

// Rows j = 0 to DV - 1 of a token, which lie one behind the other.
static __device__ __forceinline__ void load(Pack (&rows)[CHUNKS][DV], const T *token, int d) {
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int j = 0; j < DV; j++) {
            rows[c][j] = load(token + (long long) j * d, element(c), d);
        }
    }
}

static __device__ __forceinline__ void load(Pack (&row)[CHUNKS], const T *from, int d) {
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        row[c] = load(from, element(c), d);
    }
}

static __device__ __forceinline__ void store(T *token, int d, const Pack (&rows)[CHUNKS][DV], int add) {
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int j = 0; j < DV; j++) {
            store(token + (long long) j * d, element(c), d, rows[c][j], add);
        }
    }
}

static __device__ __forceinline__ void store(T *to, int d, const Pack (&row)[CHUNKS]) {
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        store(to, element(c), d, row[c]);
    }
}

// rows, X, becomes X'; keeps inverse = 1 / |k~| [tokens] and read = k'X [tokens, DV]. The whole block calls it.
static __device__ __forceinline__ void rewrite(
        Pack (&rows)[CHUNKS][DV], const Pack (&raw)[CHUNKS], const T *v, const T *erase, const T *write, float *inverse,
        float *read, long long t, float guard, int kind) {
    float sums[1 + DV] = {};
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int e = 0; e < V; e++) {
            const float a = raw[c].at[e];
            sums[0] += a * a;
#pragma unroll
            for (int j = 0; j < DV; j++) {
                sums[1 + j] += a * (float) rows[c][j].at[e];
            }
        }
    }
    block_sums(sums);
    const float norm = 1 / sqrtf(sums[0] + guard);
    const Gates g = gates_of(kind, erase, write, t);
    if (threadIdx.x == 0) {
        inverse[t] = norm;
    }
#pragma unroll
    for (int j = 0; j < DV; j++) {
        const float r = kind == WRITE_ONLY ? 0 : sums[1 + j] * norm;
        const float step = g.s * (g.w * (float) v[t * DV + j] - g.b * r) * norm;
        if (threadIdx.x == 0) {
            read[t * DV + j] = r;
        }
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
            for (int e = 0; e < V; e++) {
                rows[c][j].at[e] = T((float) rows[c][j].at[e] + step * (float) raw[c].at[e]);
            }
        }
    }
}

// What the way back needs: 1 / |k~|, k'dk, the factors push of U_j in dk and pull of X_j in dk and of k in dX_j.
struct Back {
    float norm, along, push[DV], pull[DV];
};

// The gradients of v and gates, unless they are null, from U (ups). The whole block calls it.
static __device__ __forceinline__ Back differentiate(
        const Pack (&ups)[CHUNKS][DV], const Pack (&raw)[CHUNKS], const T *v, const T *erase, const T *write,
        const float *inverse, const float *read, T *dv, T *derase, T *dwrite, long long t, int kind) {
    float along[DV] = {}; // k'U_j
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int j = 0; j < DV; j++) {
#pragma unroll
            for (int e = 0; e < V; e++) {
                along[j] += (float) raw[c].at[e] * (float) ups[c][j].at[e];
            }
        }
    }
    block_sums(along);
    const bool first = threadIdx.x == 0;
    const Gates g = gates_of(kind, erase, write, t);
    Back back;
    back.norm = inverse[t];
    back.along = 0;
    float sum_erase = 0, sum_write = 0;
#pragma unroll
    for (int j = 0; j < DV; j++) {
        const float r = read[t * DV + j], value = v[t * DV + j], p = along[j] * back.norm;
        back.push[j] = g.s * (g.w * value - g.b * r);
        back.pull[j] = -g.s * g.b * p;
        back.along += p * (back.push[j] - g.s * g.b * r);
        sum_erase -= p * r;
        sum_write += p * (kind == SHARED_GATE ? value - r : value);
        if (first && dv) {
            dv[t * DV + j] = T(g.s * g.w * p);
        }
    }
    if (first && dwrite) {
        dwrite[t] = T(sum_write);
    }
    if (first && derase) {
        derase[t] = T(sum_erase);
    }
    return back;
}

// rows, X, becomes dX = U - s b k p', and raw, k~, becomes dk~ = (s (U e - b X p) - k (k'dk)) / |k~|.
static __device__ __forceinline__ void give(
        Pack (&rows)[CHUNKS][DV], Pack (&raw)[CHUNKS], const Pack (&ups)[CHUNKS][DV], const Back &back) {
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int e = 0; e < V; e++) {
            const float unit = back.norm * (float) raw[c].at[e];
            float sum = -back.along * unit;
#pragma unroll
            for (int j = 0; j < DV; j++) {
                const float up = ups[c][j].at[e];
                sum += back.push[j] * up + back.pull[j] * (float) rows[c][j].at[e];
                rows[c][j].at[e] = T(up + back.pull[j] * unit);
            }
            raw[c].at[e] = T(back.norm * sum);
        }
    }
}
