// The tape's primitives. Tensors are walked through strides of their own: broadcast (0), permuted, cut.

// A shape of up to six axes, the innermost last, and the distance of an element along each in two operands.
struct Axes {
    long long size[6], a[6], b[6];
};

// Where element i of the shape lies in both operands.
static __device__ __forceinline__ void locate(const Axes &axes, long long i, long long &a, long long &b) {
    for (int k = 5; k >= 0; k--) {
        const long long size = axes.size[k];
        if (i < size) {
            a += i * axes.a[k];
            b += i * axes.b[k];
            return;
        }
        const long long next = (i | size) >> 32 == 0 ? (unsigned) i / (unsigned) size : i / size;
        const long long at = i - next * size;
        a += at * axes.a[k];
        b += at * axes.b[k];
        i = next;
    }
}

static __device__ __forceinline__ long long thread_index() {
    return (long long) blockIdx.x * blockDim.x + threadIdx.x;
}

// y = a + b (op 0), a - b (1), a b (2); y [n] in the order of the axes
extern "C" __global__ void binary_forward(const T *a, const T *b, T *y, Axes axes, long long n, int op) {
    const long long i = thread_index();
    if (i < n) {
        long long at_a = 0, at_b = 0;
        locate(axes, i, at_a, at_b);
        const float v = a[at_a], w = b[at_b];
        y[i] = T(op == 0 ? v + w : op == 1 ? v - w : v * w);
    }
}

// dx = factor u, or factor u other; dx [n] in the order of the axes, which locate u and other
extern "C" __global__ void binary_backward(const T *u, const T *other, T *dx, Axes axes, long long n, float factor) {
    const long long i = thread_index();
    if (i < n) {
        long long at_u = 0, at_other = 0;
        locate(axes, i, at_u, at_other);
        const float v = factor * (float) u[at_u];
        dx[i] = T(other == nullptr ? v : v * (float) other[at_other]);
    }
}

// part[o, p] = factor sum of u, or of u other, over the p-th run of the inner elements of output o; grid (outputs, parts)
extern "C" __global__ void reduce(const T *u, const T *other, float *part, Axes outer, Axes inner, long long count,
        long long run, float factor) {
    long long at_u = 0, at_other = 0;
    locate(outer, blockIdx.x, at_u, at_other);
    const long long from = blockIdx.y * run, to = min(count, from + run);
    float sum = 0;
    for (long long i = from + threadIdx.x; i < to; i += blockDim.x) {
        long long x = at_u, y = at_other;
        locate(inner, i, x, y);
        sum += other == nullptr ? (float) u[x] : (float) u[x] * (float) other[y];
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        part[(long long) blockIdx.x * gridDim.y + blockIdx.y] = factor * sum;
    }
}

static __device__ __forceinline__ float fold(const float *part, long long output, int parts) {
    float sum = 0;
    for (int p = 0; p < parts; p++) {
        sum += part[output * parts + p];
    }
    return sum;
}

// y[o] = sum of part[o, .]
extern "C" __global__ void reduce_fold(const float *part, T *y, long long outputs, int parts) {
    const long long i = thread_index();
    if (i < outputs) {
        y[i] = T(fold(part, i, parts));
    }
}

// The same in float, for the gradient of a parameter
extern "C" __global__ void reduce_fold_float(const float *part, float *y, long long outputs, int parts) {
    const long long i = thread_index();
    if (i < outputs) {
        y[i] = fold(part, i, parts);
    }
}

// y = f(x): sigmoid (op 0), tanh (1), max(x, 0) (2), exp (3), p x + q (4), x^p (5)
extern "C" __global__ void unary_forward(const T *x, T *y, long long n, int op, float p, float q) {
    const long long i = thread_index();
    if (i < n) {
        const float v = x[i];
        y[i] = T(op == 0 ? sigmoidf(v) : op == 1 ? tanhf(v) : op == 2 ? fmaxf(v, 0.0f) : op == 3 ? expf(v)
                : op == 4 ? fmaf(p, v, q) : powf(v, p));
    }
}

static __device__ __forceinline__ float slope(float x, int op, float p) {
    if (op == 0) {
        const float s = sigmoidf(x);
        return s * (1.0f - s);
    }
    if (op == 1) {
        const float t = tanhf(x);
        return 1.0f - t * t;
    }
    return op == 2 ? (x > 0 ? 1.0f : 0.0f) : op == 3 ? expf(x) : op == 4 ? p : p * powf(x, p - 1);
}

// dx = f'(x) u
extern "C" __global__ void unary_backward(const T *x, const T *u, T *dx, long long n, int op, float p) {
    const long long i = thread_index();
    if (i < n) {
        dx[i] = T(slope(x[i], op, p) * (float) u[i]);
    }
}

// y = softmax(x) along rows; x, y [rows, n]; grid (rows)
extern "C" __global__ void softmax_forward(const T *x, T *y, int n) {
    const long long at = (long long) blockIdx.x * n;
    float most = -INF;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        most = fmaxf(most, x[at + i]);
    }
    most = block_max(most);
    float sum = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        sum += expf(x[at + i] - most);
    }
    sum = block_sum(sum);
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        y[at + i] = T(expf(x[at + i] - most) / sum);
    }
}

// dx = y (u - y'u) along rows; grid (rows)
extern "C" __global__ void softmax_backward(const T *y, const T *u, T *dx, int n) {
    const long long at = (long long) blockIdx.x * n;
    float inner = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        inner = fmaf(y[at + i], u[at + i], inner);
    }
    inner = block_sum(inner);
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        dx[at + i] = T(y[at + i] * (u[at + i] - inner));
    }
}

// to[b] = from[a] for all elements of a shape
extern "C" __global__ void move(const T *from, T *to, Axes axes, long long n, long long from_at, long long to_at) {
    const long long i = thread_index();
    if (i < n) {
        locate(axes, i, from_at, to_at);
        to[to_at] = from[from_at];
    }
}

// y[i] = table[ids[i]]; table [V, d], ids [n], y [n, d]; NaN where there is no such row; grid (n)
extern "C" __global__ void gather_forward(const T *table, const int *ids, T *y, long long V, int d) {
    const long long id = ids[blockIdx.x], at = (long long) blockIdx.x * d;
    const bool known = id >= 0 && id < V;
    for (int j = threadIdx.x; j < d; j += blockDim.x) {
        y[at + j] = known ? table[id * d + j] : T(INF - INF);
    }
}

// dtable[v] = sum of u[i] over the i with ids[i] = v, in their order; grid (V, ceil(d / threads))
static __device__ __forceinline__ float gathered(const int *ids, const T *u, long long n, int d, int column) {
    const int lane = threadIdx.x % 32;
    float sum = 0;
    for (long long from = 0; from < n; from += 32) {
        unsigned mine = __ballot_sync(FULL, from + lane < n && ids[from + lane] == (int) blockIdx.x);
        for (; mine != 0 && column < d; mine &= mine - 1) {
            sum += (float) u[(from + __ffs((int) mine) - 1) * d + column];
        }
    }
    return sum;
}

extern "C" __global__ void gather_backward(const int *ids, const T *u, T *dtable, long long n, int d) {
    const int column = blockIdx.y * blockDim.x + threadIdx.x;
    const float sum = gathered(ids, u, n, d, column);
    if (column < d) {
        dtable[(long long) blockIdx.x * d + column] = T(sum);
    }
}

// The same in float, for the gradient of a parameter
extern "C" __global__ void gather_backward_float(const int *ids, const T *u, float *dtable, long long n, int d) {
    const int column = blockIdx.y * blockDim.x + threadIdx.x;
    const float sum = gathered(ids, u, n, d, column);
    if (column < d) {
        dtable[(long long) blockIdx.x * d + column] = sum;
    }
}
