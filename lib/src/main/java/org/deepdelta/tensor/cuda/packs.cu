// Rows of d elements taken V at once, where V divides d and all rows lie on multiples of V elements; V is a constant, chosen by Width.java. A
// thread's chunk c of a row begins at element (threadIdx.x + c blockDim.x) V.

struct alignas(V * sizeof(T)) Pack {
    T at[V];
};

static __device__ __forceinline__ Pack load(const T *from) {
    return *reinterpret_cast<const Pack *>(from);
}

static __device__ __forceinline__ void store(T *to, const Pack &x) {
    *reinterpret_cast<Pack *>(to) = x;
}

// V times the same.
static __device__ __forceinline__ Pack uniform(float x) {
    Pack pack;
#pragma unroll
    for (int e = 0; e < V; e++) {
        pack.at[e] = T(x);
    }
    return pack;
}

// Elements i to i + V of a row, zeros behind its end.
static __device__ __forceinline__ Pack load(const T *row, int i, int d) {
    return i < d ? load(row + i) : uniform(0);
}

static __device__ __forceinline__ void store(T *row, int i, int d, const Pack &x) {
    if (i < d) {
        store(row + i, x);
    }
}

// The same, added to what is there.
static __device__ __forceinline__ void store(T *row, int i, int d, Pack x, int add) {
    if (add && i < d) {
        const Pack old = load(row + i);
#pragma unroll
        for (int e = 0; e < V; e++) {
            x.at[e] = T(float(old.at[e]) + float(x.at[e]));
        }
    }
    store(row, i, d, x);
}

// Threads of a block whose rows are held in registers: as many as rows of 2048 elements take at 16 bytes a thread.
#define MOST_THREADS (128 * (int) sizeof(T))

// Several sums over the block at once; all threads get them. Lanes first, then warps, in their order.
template <int COUNT>
static __device__ __forceinline__ void block_sums(float (&sums)[COUNT]) {
    __shared__ float parts[32][COUNT];
#pragma unroll
    for (int n = 0; n < COUNT; n++) {
        sums[n] = warp_sum(sums[n]);
    }
    __syncthreads(); // parts of a call before are read
    if (threadIdx.x % 32 == 0) {
#pragma unroll
        for (int n = 0; n < COUNT; n++) {
            parts[threadIdx.x / 32][n] = sums[n];
        }
    }
    __syncthreads();
    const int warps = blockDim.x / 32;
#pragma unroll
    for (int n = 0; n < COUNT; n++) {
        float sum = parts[0][n];
        for (int w = 1; w < warps; w++) {
            sum += parts[w][n];
        }
        sums[n] = sum;
    }
}
