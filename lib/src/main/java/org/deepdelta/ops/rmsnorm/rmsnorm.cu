// Root-mean-square normalisation of rows: z = r x, r = 1 / sqrt(mean(x^2) + eps), y = w z. A block has a row in its registers; threads and CHUNKS as
// in packs.cu.

#ifndef CHUNKS
#define CHUNKS 1
#endif

// y = w r x, inverse = r; x, y [rows, n], w [n], inverse [rows]; grid (rows)
extern "C" __global__ void __launch_bounds__(MOST_THREADS) rmsnorm_forward(
        const T *x, const T *w, T *y, float *inverse, int n, float eps) {
    const long long at = (long long) blockIdx.x * n;
    Pack row[CHUNKS];
    float squares = 0;
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        row[c] = load(x + at, (threadIdx.x + c * blockDim.x) * V, n);
    }
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int e = 0; e < V; e++) {
            const float a = row[c].at[e];
            squares = fmaf(a, a, squares);
        }
    }
    const float r = rsqrtf(block_sum(squares) / n + eps);
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        const int i = (threadIdx.x + c * blockDim.x) * V;
        const Pack k = load(w, i, n);
#pragma unroll
        for (int e = 0; e < V; e++) {
            row[c].at[e] = T((float) row[c].at[e] * r * (float) k.at[e]);
        }
        store(y + at, i, n, row[c]);
    }
    if (threadIdx.x == 0) {
        inverse[blockIdx.x] = r;
    }
}

// For the p-th part of the rows, dx = r (g - z mean(g z)) with g = w u, written or added unless it is null, and partial[p] = sum of u z;
// x, u, dx [rows, n], partial [parts, n]; grid (parts)
extern "C" __global__ void __launch_bounds__(MOST_THREADS) rmsnorm_backward(const T *x, const T *w, const T *u, const float *inverse,
        T *dx, float *partial, long long rows, int n, int add) {
    const long long from = rows * blockIdx.x / gridDim.x, to = rows * (blockIdx.x + 1) / gridDim.x;
    Pack k[CHUNKS];
    float dw[CHUNKS][V] = {};
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
        k[c] = load(w, (threadIdx.x + c * blockDim.x) * V, n);
    }
    for (long long row = from; row < to; row++) {
        Pack in[CHUNKS], up[CHUNKS];
        const float r = inverse[row];
        float products = 0;
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
            const int i = (threadIdx.x + c * blockDim.x) * V;
            in[c] = load(x + row * n, i, n);
            up[c] = load(u + row * n, i, n);
        }
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
            for (int e = 0; e < V; e++) {
                const float uz = (float) up[c].at[e] * ((float) in[c].at[e] * r);
                dw[c][e] += uz;
                products = fmaf(uz, k[c].at[e], products);
            }
        }
        if (dx == nullptr) {
            continue;
        }
        const float slope = block_sum(products) / n * r;
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
            const int i = (threadIdx.x + c * blockDim.x) * V;
            Pack d;
            if (add) {
                d = load(dx + row * n, i, n);
            }
#pragma unroll
            for (int e = 0; e < V; e++) {
                const float g = r * ((float) up[c].at[e] * (float) k[c].at[e] - (float) in[c].at[e] * slope);
                d.at[e] = T(add ? (float) d.at[e] + g : g);
            }
            store(dx + row * n, i, n, d);
        }
    }
#pragma unroll
    for (int c = 0; c < CHUNKS; c++) {
#pragma unroll
        for (int e = 0; e < V; e++) {
            const int i = (threadIdx.x + c * blockDim.x) * V + e;
            if (i < n) {
                partial[(long long) blockIdx.x * n + i] = dw[c][e];
            }
        }
    }
}
