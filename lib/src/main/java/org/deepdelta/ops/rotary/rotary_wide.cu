// rotary.cu for whole heads of width 2 LANES V, LANES a power of two up to 32: that many threads a head, each with V elements of either half, so that
// everything stays in registers and is read once.

#ifndef LANES
#define LANES 4
#endif

// V elements of the first half and V of the second.
struct Halves {
    float a[V], b[V];
};

static __device__ __forceinline__ Halves halves(const T *first, const T *second) {
    const Pack a = load(first), b = load(second);
    Halves x;
#pragma unroll
    for (int e = 0; e < V; e++) {
        x.a[e] = a.at[e];
        x.b[e] = b.at[e];
    }
    return x;
}

static __device__ __forceinline__ void store(T *first, T *second, const Halves &x) {
    Pack a, b;
#pragma unroll
    for (int e = 0; e < V; e++) {
        a.at[e] = T(x.a[e]);
        b.at[e] = T(x.b[e]);
    }
    store(first, a);
    store(second, b);
}

static __device__ __forceinline__ Halves rotate(const Halves &x, const float *cosine, const float *sine, float sign) {
    Halves z;
#pragma unroll
    for (int e = 0; e < V; e++) {
        const float c = cosine[e], s = sign * sine[e];
        z.a[e] = x.a[e] * c - x.b[e] * s;
        z.b[e] = x.a[e] * s + x.b[e] * c;
    }
    return z;
}

// The sum of products over a head; all its threads get it.
static __device__ __forceinline__ float dot(const Halves &x, const Halves &y) {
    float sum = 0;
#pragma unroll
    for (int e = 0; e < V; e++) {
        sum = fmaf(x.a[e], y.a[e], sum);
        sum = fmaf(x.b[e], y.b[e], sum);
    }
#pragma unroll
    for (int mask = LANES / 2; mask > 0; mask >>= 1) {
        sum += __shfl_xor_sync(FULL, sum, mask);
    }
    return sum;
}

// As rotary_forward; grid (tokens, pieces of the heads)
extern "C" __global__ void rotary_wide_forward(const T *x, const T *wq, const T *wk, const float *angles, int table, int length,
        int position, int heads, int queries, int turned, T *y, float *inverse, float eps) {
    const int half = LANES * V, i = threadIdx.x % LANES * V;
    const int own = blockIdx.y * (blockDim.x / LANES) + threadIdx.x / LANES, head = min(own, heads - 1);
    const long long at = ((long long) blockIdx.x * heads + head) * 2 * half + i;
    const T *w = head < queries ? wq : wk;
    Halves z = halves(x + at, x + at + half);
    const float r = w == nullptr ? 1.0f : rsqrtf(dot(z, z) / (2 * half) + eps);
    if (head < turned) {
        const float *cosine = angles + (long long) (position + blockIdx.x % length) * half + i;
        z = rotate(z, cosine, cosine + (long long) table * half, 1);
        if (w != nullptr) {
            const Halves k = halves(w + i, w + i + half);
#pragma unroll
            for (int e = 0; e < V; e++) {
                z.a[e] *= r * k.a[e];
                z.b[e] *= r * k.b[e];
            }
            if (i == 0) {
                inverse[(long long) blockIdx.x * turned + head] = r;
            }
        }
    }
    if (own < heads) {
        store(y + at, y + at + half, z);
    }
}

// As rotary_backward, and (with weights) partial[p] = [dwq | dwk] over the p-th part of the tokens; partial [gridDim.y, gridDim.x, 2, width]; grid
// (parts, pieces of the heads). shared [blockDim.x / LANES, width]
extern "C" __global__ void rotary_wide_backward(const T *x, const T *wq, const T *wk, const float *angles, int table, int length,
        int position, int heads, int queries, int turned, const T *u, const float *inverse, T *dx,
        float *partial, long long tokens) {
    SHARED(float, sums);
    const int half = LANES * V, width = 2 * half, i = threadIdx.x % LANES * V, groups = blockDim.x / LANES;
    const int own = blockIdx.y * groups + threadIdx.x / LANES, head = min(own, heads - 1);
    const long long from = tokens * blockIdx.x / gridDim.x, to = tokens * (blockIdx.x + 1) / gridDim.x;
    const T *w = head < queries ? wq : wk;
    Halves k = {}, dw = {};
    if (w != nullptr) {
        k = halves(w + i, w + i + half);
    }
    for (long long token = from; token < to; token++) {
        const long long at = (token * heads + head) * width + i;
        const float *cosine = angles + (position + token % length) * half + i;
        const float *sine = cosine + (long long) table * half;
        Halves up = halves(u + at, u + at + half);
        if (w == nullptr) {
            if (head < turned) {
                up = rotate(up, cosine, sine, -1);
            }
        } else {
            const Halves in = halves(x + at, x + at + half), z = rotate(in, cosine, sine, 1);
            const float r = head < turned ? inverse[token * turned + head] : 0.0f;
            Halves g;
#pragma unroll
            for (int e = 0; e < V; e++) {
                g.a[e] = up.a[e] * k.a[e];
                g.b[e] = up.b[e] * k.b[e];
                dw.a[e] = fmaf(up.a[e], r * z.a[e], dw.a[e]);
                dw.b[e] = fmaf(up.b[e], r * z.b[e], dw.b[e]);
            }
            const float slope = dot(g, z) / width * r * r;
            g = rotate(g, cosine, sine, -1);
#pragma unroll
            for (int e = 0; e < V; e++) {
                up.a[e] = head < turned ? r * (g.a[e] - in.a[e] * slope) : up.a[e];
                up.b[e] = head < turned ? r * (g.b[e] - in.b[e] * slope) : up.b[e];
            }
        }
        if (own < heads) {
            store(dx + at, dx + at + half, up);
        }
    }
    if (partial == nullptr) {
        return;
    }
#pragma unroll
    for (int e = 0; e < V; e++) {
        sums[threadIdx.x / LANES * width + i + e] = dw.a[e];
        sums[threadIdx.x / LANES * width + i + half + e] = dw.b[e];
    }
    __syncthreads();
    const int first = blockIdx.y * groups, end = min(groups, turned - first), middle = max(0, min(end, queries - first));
    float *to_part = partial + 2LL * (blockIdx.y * gridDim.x + blockIdx.x) * width;
    for (int c = threadIdx.x; c < width; c += blockDim.x) {
        float dwq = 0, dwk = 0;
        for (int g = 0; g < middle; g++) {
            dwq += sums[g * width + c];
        }
        for (int g = middle; g < end; g++) {
            dwk += sums[g * width + c];
        }
        to_part[c] = dwq;
        to_part[width + c] = dwk;
    }
}
