// In front of every kernel source: the storage type T, its conversions, sums over a warp and a block in a fixed order.

#ifndef SHIM
#pragma nv_diag_suppress 177 // a source need not use all of this
#endif

#define FULL 0xffffffffu
#define INF __int_as_float(0x7f800000)

// bfloat16: the upper half of a float. Arithmetic is float's.
struct bf16 {
    unsigned short bits;

    bf16() = default;

    // Rounds to the nearest, ties to even.
    __device__ __forceinline__ explicit bf16(float x) {
        const unsigned u = __float_as_uint(x);
        const bool nan = (u & 0x7fffffffu) > 0x7f800000u;
        bits = (unsigned short) (nan ? u >> 16 | 0x40u : (u + 0x7fffu + (u >> 16 & 1u)) >> 16);
    }

    __device__ __forceinline__ operator float() const {
        return __uint_as_float((unsigned) bits << 16);
    }
};

#if STORAGE_BF16
typedef bf16 T;
#else
typedef float T;
#endif

// The sum over the lanes of a warp; every lane has it.
static __device__ __forceinline__ float warp_sum(float x) {
    for (int mask = 16; mask > 0; mask >>= 1) {
        x += __shfl_xor_sync(FULL, x, mask);
    }
    return x;
}

// The largest of the lanes of a warp; every lane has it.
static __device__ __forceinline__ float warp_max(float x) {
    for (int mask = 16; mask > 0; mask >>= 1) {
        x = fmaxf(x, __shfl_xor_sync(FULL, x, mask));
    }
    return x;
}

// The sum over the threads of a block; every thread has it. All of them call it.
static __device__ __forceinline__ float block_sum(float x) {
    __shared__ float parts[32];
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    x = warp_sum(x);
    __syncthreads(); // parts of a call before are read
    if (lane == 0) {
        parts[warp] = x;
    }
    __syncthreads();
    return warp_sum(lane < blockDim.x / 32 ? parts[lane] : 0.0f);
}

// The largest of the threads of a block; every thread has it. All of them call it.
static __device__ __forceinline__ float block_max(float x) {
    __shared__ float parts[32];
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    x = warp_max(x);
    __syncthreads(); // parts of a call before are read
    if (lane == 0) {
        parts[warp] = x;
    }
    __syncthreads();
    return warp_max(lane < blockDim.x / 32 ? parts[lane] : -INF);
}

// 1 / (1 + exp(-x))
static __device__ __forceinline__ float sigmoidf(float x) {
    return 1.0f / (1.0f + expf(-x));
}

#ifndef SHIM
// Dynamic shared memory as an array.
#define SHARED(type, name) \
    extern __shared__ __align__(16) unsigned char dynamic_shared[]; \
    type *name = reinterpret_cast<type *>(dynamic_shared)
#endif
