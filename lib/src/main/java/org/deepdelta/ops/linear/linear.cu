// The affine map y = x W' + b where a matrix product would be wasteful: few outputs, as the gate and value branches have, or few rows, as in
// text generation. x [rows, n], W [m, n], u [rows, m]. FEW of the one, any number of the other; V elements at a time.

#ifndef FEW
#define FEW 4
#endif
#ifndef ROWS
#define ROWS 4
#endif

// y[r, j] = a_r . b_j + bias; a [rows, n], b [FEW, n], bias by j or (by_row) by r; element (r, j) lies at r row_step + j step. A warp for ROWS rows.
extern "C" __global__ void linear_dots(const T *a, const T *b, const T *bias, int by_row, T *y, long long rows, int n,
        long long row_step, long long step) {
    const int lane = threadIdx.x % 32;
    const long long first = ((long long) blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32) * ROWS;
    float sum[ROWS][FEW] = {};
    for (int i = lane * V; i < n; i += 32 * V) {
        Pack x[ROWS];
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
            x[r] = load(a + min(first + r, rows - 1) * n + i);
        }
#pragma unroll
        for (int j = 0; j < FEW; j++) {
            const Pack w = load(b + (long long) j * n + i);
#pragma unroll
            for (int r = 0; r < ROWS; r++) {
#pragma unroll
                for (int e = 0; e < V; e++) {
                    sum[r][j] = fmaf(x[r].at[e], w.at[e], sum[r][j]);
                }
            }
        }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
#pragma unroll
        for (int j = 0; j < FEW; j++) {
            const float dot = warp_sum(sum[r][j]);
            if (lane == (r * FEW + j) % 32 && first + r < rows) {
                const float more = bias == nullptr ? 0.0f : (float) bias[by_row ? first + r : j];
                y[(first + r) * row_step + j * step] = T(dot + more);
            }
        }
    }
}

// dx_r (+)= sum over j < FEW of u[r, j] w_j; grid (ceil(rows / run), pieces of n)
extern "C" __global__ void linear_few_input(const T *u, const T *w, T *dx, long long rows, int n, int run, int add) {
    const int i = (blockIdx.y * blockDim.x + threadIdx.x) * V;
    if (i >= n) {
        return;
    }
    float k[FEW][V];
#pragma unroll
    for (int j = 0; j < FEW; j++) {
        const Pack x = load(w + (long long) j * n + i);
#pragma unroll
        for (int e = 0; e < V; e++) {
            k[j][e] = x.at[e];
        }
    }
    const long long from = (long long) blockIdx.x * run, to = min(rows, from + run);
    for (long long row = from; row < to; row++) {
        float sum[V] = {};
        if (add) {
            const Pack old = load(dx + row * n + i);
#pragma unroll
            for (int e = 0; e < V; e++) {
                sum[e] = old.at[e];
            }
        }
#pragma unroll
        for (int j = 0; j < FEW; j++) {
            const float up = u[row * FEW + j];
#pragma unroll
            for (int e = 0; e < V; e++) {
                sum[e] = fmaf(up, k[j][e], sum[e]);
            }
        }
        Pack x;
#pragma unroll
        for (int e = 0; e < V; e++) {
            x.at[e] = T(sum[e]);
        }
        store(dx + row * n + i, x);
    }
}

// partial[p, j] = sum over the p-th part of the rows of u[r, j] x_r; partial [parts, FEW, n]; grid (pieces of n, parts)
extern "C" __global__ void linear_few_weight(const T *x, const T *u, float *partial, long long rows, int n) {
    const int i = (blockIdx.x * blockDim.x + threadIdx.x) * V;
    if (i >= n) {
        return;
    }
    const long long from = rows * blockIdx.y / gridDim.y, to = rows * (blockIdx.y + 1) / gridDim.y;
    float sum[FEW][V] = {};
#pragma unroll 4
    for (long long row = from; row < to; row++) {
        const Pack a = load(x + row * n + i);
#pragma unroll
        for (int j = 0; j < FEW; j++) {
            const float up = u[row * FEW + j];
#pragma unroll
            for (int e = 0; e < V; e++) {
                sum[j][e] = fmaf(up, a.at[e], sum[j][e]);
            }
        }
    }
#pragma unroll
    for (int j = 0; j < FEW; j++) {
#pragma unroll
        for (int e = 0; e < V; e++) {
            partial[((long long) blockIdx.y * FEW + j) * n + i + e] = sum[j][e];
        }
    }
}

// partial[p, j] = sum over the p-th part of the rows of u[r, j], j < FEW; partial [parts, FEW]; grid (1, parts)
extern "C" __global__ void linear_few_bias(const T *u, float *partial, long long rows) {
    const long long from = rows * blockIdx.y / gridDim.y, to = rows * (blockIdx.y + 1) / gridDim.y;
    float sum[FEW] = {};
    for (long long row = from + threadIdx.x; row < to; row += blockDim.x) {
#pragma unroll
        for (int j = 0; j < FEW; j++) {
            sum[j] += (float) u[row * FEW + j];
        }
    }
    block_sums(sum);
    if (threadIdx.x == 0) {
#pragma unroll
        for (int j = 0; j < FEW; j++) {
            partial[(long long) blockIdx.y * FEW + j] = sum[j];
        }
    }
}

// partial[p, j] = sum over the p-th part of the rows of u[r, j], j < m; partial [parts, m]; grid (pieces of m, parts)
extern "C" __global__ void linear_bias(const T *u, float *partial, long long rows, int m) {
    const int i = (blockIdx.x * blockDim.x + threadIdx.x) * V;
    if (i >= m) {
        return;
    }
    const long long from = rows * blockIdx.y / gridDim.y, to = rows * (blockIdx.y + 1) / gridDim.y;
    float sum[V] = {};
#pragma unroll 4
    for (long long row = from; row < to; row++) {
        const Pack a = load(u + row * m + i);
#pragma unroll
        for (int e = 0; e < V; e++) {
            sum[e] += (float) a.at[e];
        }
    }
#pragma unroll
    for (int e = 0; e < V; e++) {
        partial[(long long) blockIdx.y * m + i + e] = sum[e];
    }
}

// y_r = bias, for a product to be added to; y [rows, m]; grid (rows, pieces of m)
extern "C" __global__ void linear_fill(const T *bias, T *y, int m) {
    const int i = (blockIdx.y * blockDim.x + threadIdx.x) * V;
    if (i < m) {
        store(y + (long long) blockIdx.x * m + i, load(bias + i));
    }
}
