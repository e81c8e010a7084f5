// Filling, copying and adding. Where the order differs, one side is a state [rows, d, dv] stored row-major and the other channel-major.

// Where element i of the destination lies in the source.
static __device__ __forceinline__ long long place(long long i, int d, int dv, int from_major) {
    if (d * dv == 1) {
        return i;
    }
    const int state = d * dv, at = (int) (i % state);
    return i - at + (from_major ? at % dv * d + at / dv : at % d * dv + at / d);
}

// x[i] = value; x [n]
extern "C" __global__ void fill(T *x, float value, long long n) {
    const long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        x[i] = T(value);
    }
}

// to[i] = from[i]
extern "C" __global__ void copy_same(const T *from, T *to, long long n, int d, int dv, int from_major) {
    const long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        to[i] = from[place(i, d, dv, from_major)];
    }
}

// to[i] = from[i]
extern "C" __global__ void copy_widen(const T *from, float *to, long long n, int d, int dv, int from_major) {
    const long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        to[i] = from[place(i, d, dv, from_major)];
    }
}

// to[i] = from[i], rounded
extern "C" __global__ void copy_narrow(const float *from, T *to, long long n, int d, int dv, int from_major) {
    const long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        to[i] = T(from[place(i, d, dv, from_major)]);
    }
}

// to[i] += from[i]
extern "C" __global__ void add_same(const T *from, T *to, long long n, int d, int dv, int from_major) {
    const long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        to[i] = T((float) to[i] + (float) from[place(i, d, dv, from_major)]);
    }
}

// to[i] += from[i]
extern "C" __global__ void add_widen(const T *from, float *to, long long n, int d, int dv, int from_major) {
    const long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        to[i] += (float) from[place(i, d, dv, from_major)];
    }
}

// to[i] += from[i], rounded
extern "C" __global__ void add_narrow(const float *from, T *to, long long n, int d, int dv, int from_major) {
    const long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        to[i] = T((float) to[i] + from[place(i, d, dv, from_major)]);
    }
}
