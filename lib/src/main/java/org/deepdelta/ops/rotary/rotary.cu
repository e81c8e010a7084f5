// Rotation and normalisation of heads, any width: x [tokens, heads, width], the first `queries` heads with weight wq, those up to `turned` with
// wk, the rest pass. z is x rotated: dimension j < half turns with j + half by the angle of the token's position. angles [2, table, half]: cosines,
// then sines. A rotation keeps the sum of squares, so r = 1 / sqrt(mean(z^2) + eps) comes from x; without weights r = 1. rotary_wide.cu has the
// same for the usual widths.

// Element i of a head rotated.
static __device__ __forceinline__ float turned_element(
        const T *head, int i, int half, const float *cosine, const float *sine) {
    if (i >= 2 * half) {
        return head[i];
    }
    const int j = i < half ? i : i - half;
    const float a = head[j], b = head[j + half], c = cosine[j], s = sine[j];
    return i < half ? a * c - b * s : a * s + b * c;
}

// y = w r z, inverse = r; inverse [tokens, turned]; a warp a head, grid (tokens, pieces of the heads)
extern "C" __global__ void rotary_forward(const T *x, const T *wq, const T *wk, const float *angles, int table, int length,
        int position, int heads, int queries, int turned, T *y, float *inverse, int width, int half, float eps) {
    const int lane = threadIdx.x % 32, head = blockIdx.y * (blockDim.x / 32) + threadIdx.x / 32;
    if (head >= heads) {
        return;
    }
    const long long at = ((long long) blockIdx.x * heads + head) * width;
    if (head >= turned) {
        for (int i = lane; i < width; i += 32) {
            y[at + i] = x[at + i];
        }
        return;
    }
    const T *w = head < queries ? wq : wk;
    float r = 1;
    if (w != nullptr) {
        float squares = 0;
        for (int i = lane; i < width; i += 32) {
            const float a = x[at + i];
            squares = fmaf(a, a, squares);
        }
        r = rsqrtf(warp_sum(squares) / width + eps);
        if (lane == 0) {
            inverse[(long long) blockIdx.x * turned + head] = r;
        }
    }
    const float *cosine = angles + (long long) (position + blockIdx.x % length) * half;
    const float *sine = cosine + (long long) table * half;
    for (int i = lane; i < width; i += 32) {
        const float z = turned_element(x + at, i, half, cosine, sine);
        y[at + i] = T(w == nullptr ? z : z * r * (float) w[i]);
    }
}

// dx = r (q - x r^2 mean(q x)) where q is w u rotated back; a warp a head, grid (tokens, pieces of the heads). shared [warps, width]
extern "C" __global__ void rotary_backward(const T *x, const T *wq, const T *wk, const float *angles, int table, int length,
        int position, int heads, int queries, int turned, const T *u, const float *inverse, T *dx, int width, int half) {
    SHARED(float, scaled);
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, head = blockIdx.y * (blockDim.x / 32) + warp;
    if (head >= heads) {
        return;
    }
    const long long at = ((long long) blockIdx.x * heads + head) * width;
    if (head >= turned) {
        for (int i = lane; i < width; i += 32) {
            dx[at + i] = u[at + i];
        }
        return;
    }
    const T *w = head < queries ? wq : wk;
    float *g = scaled + warp * width;
    for (int i = lane; i < width; i += 32) {
        g[i] = w == nullptr ? (float) u[at + i] : (float) u[at + i] * (float) w[i];
    }
    __syncwarp();
    const float *cosine = angles + (long long) (position + blockIdx.x % length) * half;
    const float *sine = cosine + (long long) table * half;
    float r = 1, slope = 0;
    if (w != nullptr) {
        r = inverse[(long long) blockIdx.x * turned + head];
        float products = 0;
        for (int i = lane; i < width; i += 32) {
            products = fmaf(g[i], turned_element(x + at, i, half, cosine, sine), products);
        }
        slope = warp_sum(products) / width * r * r;
    }
    for (int i = lane; i < width; i += 32) {
        float q = g[i];
        if (i < 2 * half) {
            const int j = i < half ? i : i - half;
            q = i < half ? g[j] * cosine[j] + g[j + half] * sine[j] : g[j + half] * cosine[j] - g[j] * sine[j];
        }
        dx[at + i] = T(w == nullptr ? q : r * (q - (float) x[at + i] * slope));
    }
}

// partial[p] = [dwq | dwk] = sum over the p-th part of the tokens and the heads of u r z; partial [parts, 2, width]; grid (pieces of width, parts)
extern "C" __global__ void rotary_weight(const T *x, const T *wq, const T *wk, const float *angles, int table, int length,
        int position, int heads, int queries, int turned, const T *u, const float *inverse, float *partial,
        long long tokens, int width, int half) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= width) {
        return;
    }
    const long long from = tokens * blockIdx.y / gridDim.y, to = tokens * (blockIdx.y + 1) / gridDim.y;
    float sums[2] = {};
    for (long long token = from; token < to; token++) {
        const float *cosine = angles + (position + token % length) * half;
        const float *sine = cosine + (long long) table * half;
        for (int head = 0; head < turned; head++) {
            const long long at = (token * heads + head) * width;
            const float n = inverse[token * turned + head] * turned_element(x + at, i, half, cosine, sine);
            const float more = (float) u[at + i] * n;
            sums[0] += head < queries ? more : 0.0f;
            sums[1] += head < queries ? 0.0f : more;
        }
    }
    partial[(2LL * blockIdx.y) * width + i] = sums[0];
    partial[(2LL * blockIdx.y + 1) * width + i] = sums[1];
}
