// The gate of a SwiGLU layer: ab [rows, 2m] = [a | b], y [rows, m], s = sigmoid(a). A thread for V elements of a row; grid (rows, pieces of m).

// y = a s b
extern "C" __global__ void swiglu_forward(const T *ab, T *y, int m) {
    const int i = (blockIdx.y * blockDim.x + threadIdx.x) * V;
    if (i >= m) {
        return;
    }
    const long long row = blockIdx.x;
    const Pack a = load(ab + 2 * row * m + i), b = load(ab + (2 * row + 1) * m + i);
    Pack to;
#pragma unroll
    for (int e = 0; e < V; e++) {
        const float x = a.at[e];
        to.at[e] = T(x * sigmoidf(x) * (float) b.at[e]);
    }
    store(y + row * m + i, to);
}

// da = u b s (1 + a (1 - s)), db = u a s; u [rows, m], d [rows, 2m] = [da | db]
extern "C" __global__ void swiglu_backward(const T *ab, const T *u, T *d, int m) {
    const int i = (blockIdx.y * blockDim.x + threadIdx.x) * V;
    if (i >= m) {
        return;
    }
    const long long row = blockIdx.x;
    const Pack a = load(ab + 2 * row * m + i), b = load(ab + (2 * row + 1) * m + i), up = load(u + row * m + i);
    Pack da, db;
#pragma unroll
    for (int e = 0; e < V; e++) {
        const float x = a.at[e], s = sigmoidf(x), us = (float) up.at[e] * s;
        da.at[e] = T(us * (float) b.at[e] * (1.0f + x * (1.0f - s)));
        db.at[e] = T(us * x);
    }
    store(d + 2 * row * m + i, da);
    store(d + (2 * row + 1) * m + i, db);
}
