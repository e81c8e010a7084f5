// Root-mean-square normalisation of rows: z = r x, r = 1 / sqrt(mean(x^2) + eps), y = w z. A block a row.

// y = w r x, inverse = r; x, y [rows, n], w [n], inverse [rows]; grid (rows)
extern "C" __global__ void rmsnorm_forward(const T *x, const T *w, T *y, float *inverse, long long rows, int n, float eps) {
    const long long at = (long long) blockIdx.x * n;
    float squares = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        const float a = x[at + i];
        squares = fmaf(a, a, squares);
    }
    const float r = rsqrtf(block_sum(squares) / n + eps);
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        y[at + i] = T(x[at + i] * r * w[i]);
    }
    if (threadIdx.x == 0) {
        inverse[blockIdx.x] = r;
    }
}

// dx = r (g - z mean(g z)) with g = w u, written or added; x, u, dx [rows, n]; grid (rows)
extern "C" __global__ void rmsnorm_backward(const T *x, const T *w, const T *u, const float *inverse, T *dx, long long rows,
        int n, int add) {
    const long long at = (long long) blockIdx.x * n;
    const float r = inverse[blockIdx.x];
    float products = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        products = fmaf(u[at + i] * w[i], x[at + i] * r, products);
    }
    const float mean = block_sum(products) / n;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        const float d = r * (u[at + i] * w[i] - x[at + i] * r * mean);
        dx[at + i] = T(add ? dx[at + i] + d : d);
    }
}

// part[p] = sum of u z over the p-th run of rows; part [parts, n]; grid (ceil(n / threads), parts)
extern "C" __global__ void rmsnorm_weight(const T *x, const T *u, const float *inverse, float *part, long long rows, int n,
        int run) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) {
        return;
    }
    const long long from = (long long) blockIdx.y * run, to = min(rows, from + run);
    float sum = 0;
    for (long long row = from; row < to; row++) {
        sum = fmaf(u[row * n + i], x[row * n + i] * inverse[row], sum);
    }
    part[(long long) blockIdx.y * n + i] = sum;
}

// dw = sum of the parts, written or added; dw [n]; grid (ceil(n / threads))
extern "C" __global__ void rmsnorm_fold(const float *part, float *dw, int parts, int n, int add) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) {
        return;
    }
    float sum = add ? dw[i] : 0.0f;
    for (int p = 0; p < parts; p++) {
        sum += part[(long long) p * n + i];
    }
    dw[i] = sum;
}
