// What nvcc knows by itself, for a C++ compiler on the CPU: shim.cpp runs the threads of a block as fibers, one after the other.

#define SHIM 1

// No header of the C++ library: reading them takes longer than compiling a kernel.
typedef decltype(sizeof(0)) size_t;
#define memcpy __builtin_memcpy
#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf(x)
#define isfinite(x) __builtin_isfinite(x)
#define SHIM_MATH(name) \
    extern "C" float name##f(float) noexcept; \
    extern "C" double name(double) noexcept;
SHIM_MATH(exp) SHIM_MATH(exp2) SHIM_MATH(expm1) SHIM_MATH(log) SHIM_MATH(log2) SHIM_MATH(log10) SHIM_MATH(log1p)
SHIM_MATH(sqrt) SHIM_MATH(cbrt) SHIM_MATH(sin) SHIM_MATH(cos) SHIM_MATH(tan) SHIM_MATH(atan) SHIM_MATH(tanh) SHIM_MATH(erf)
SHIM_MATH(fabs) SHIM_MATH(floor) SHIM_MATH(ceil) SHIM_MATH(trunc) SHIM_MATH(round) SHIM_MATH(rint)
#define SHIM_MATH_2(name) \
    extern "C" float name##f(float, float) noexcept; \
    extern "C" double name(double, double) noexcept;
SHIM_MATH_2(pow) SHIM_MATH_2(fmax) SHIM_MATH_2(fmin) SHIM_MATH_2(fmod) SHIM_MATH_2(atan2) SHIM_MATH_2(copysign)
extern "C" float fmaf(float, float, float) noexcept;
extern "C" double fma(double, double, double) noexcept;
extern "C" void sincosf(float, float *, float *) noexcept;
static inline int abs(int x) { return x < 0 ? -x : x; }
static inline float abs(float x) { return fabsf(x); }

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __shared__ static
#define __forceinline__ inline
#define __align__(n) alignas(n)
#define __launch_bounds__(...)

struct ShimIndex {
    unsigned x, y, z;
};

// Filled in by shim.cpp, for the thread that runs.
struct Shim {
    ShimIndex thread, block, threads, blocks;
    void *dynamic;
    void (*barrier)();
    void (*warp)();
    unsigned long long (*exchange)(unsigned long long bits, int lane);
    unsigned (*ballot)(int predicate);
};

static Shim *shim;
extern "C" void shim_bind(Shim *state) {
    shim = state;
}

#define threadIdx (shim->thread)
#define blockIdx (shim->block)
#define blockDim (shim->threads)
#define gridDim (shim->blocks)
#define warpSize 32
#define SHARED(type, name) type *name = reinterpret_cast<type *>(shim->dynamic)

static inline void __syncthreads() {
    shim->barrier();
}
static inline void __syncwarp(unsigned = 0xffffffffu) {
    shim->warp();
}
static inline unsigned __ballot_sync(unsigned, int predicate) {
    return shim->ballot(predicate);
}
static inline int __any_sync(unsigned, int predicate) {
    return shim->ballot(predicate) != 0;
}
static inline int __all_sync(unsigned, int predicate) {
    return shim->ballot(predicate) == 0xffffffffu;
}

template <class V>
static inline V shim_exchange(V value, int lane) {
    static_assert(sizeof(V) <= 8, "shuffles take at most 8 bytes");
    unsigned long long bits = 0;
    memcpy(&bits, &value, sizeof(V));
    bits = shim->exchange(bits, lane);
    memcpy(&value, &bits, sizeof(V));
    return value;
}
template <class V>
static inline V __shfl_sync(unsigned, V value, int from, int width = 32) {
    const int lane = threadIdx.x % 32;
    return shim_exchange(value, lane / width * width + from % width);
}
template <class V>
static inline V __shfl_xor_sync(unsigned, V value, int mask, int width = 32) {
    const int lane = threadIdx.x % 32, other = lane ^ mask;
    return shim_exchange(value, other / width > lane / width ? lane : other);
}
template <class V>
static inline V __shfl_down_sync(unsigned, V value, unsigned delta, int width = 32) {
    const int lane = threadIdx.x % 32, other = lane + (int) delta;
    return shim_exchange(value, other / width == lane / width ? other : lane);
}
template <class V>
static inline V __shfl_up_sync(unsigned, V value, unsigned delta, int width = 32) {
    const int lane = threadIdx.x % 32, other = lane - (int) delta;
    return shim_exchange(value, other >= lane / width * width ? other : lane);
}

template <class To, class From>
static inline To shim_bits(From from) {
    To to;
    memcpy(&to, &from, sizeof(To));
    return to;
}
static inline unsigned __float_as_uint(float x) { return shim_bits<unsigned>(x); }
static inline int __float_as_int(float x) { return shim_bits<int>(x); }
static inline float __uint_as_float(unsigned x) { return shim_bits<float>(x); }
static inline float __int_as_float(int x) { return shim_bits<float>(x); }
static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
// The C library keeps names of its own for these.
#define __expf expf
#define __logf logf
#define __powf powf
#define __sinf sinf
#define __cosf cosf
static inline float __fdividef(float x, float y) { return x / y; }
static inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
static inline float __fadd_rn(float x, float y) { return x + y; }
static inline float __fmul_rn(float x, float y) { return x * y; }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline float __fdiv_rn(float x, float y) { return x / y; }
static inline float __saturatef(float x) { return x < 0 ? 0 : x > 1 ? 1 : x; }
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(x); }
template <class V>
static inline V __ldg(const V *p) { return *p; }
static inline int atomicAdd(int *p, int x) { const int old = *p; *p += x; return old; }
static inline unsigned atomicAdd(unsigned *p, unsigned x) { const unsigned old = *p; *p += x; return old; }
static inline void __threadfence() {}
static inline void __threadfence_block() {}

#define SHIM_ORDER(V) \
    static inline V min(V x, V y) { return y < x ? y : x; } \
    static inline V max(V x, V y) { return x < y ? y : x; }
SHIM_ORDER(int)
SHIM_ORDER(unsigned)
SHIM_ORDER(long long)
SHIM_ORDER(unsigned long long)
SHIM_ORDER(double)
static inline float min(float x, float y) { return fminf(x, y); }
static inline float max(float x, float y) { return fmaxf(x, y); }

#define SHIM_VECTOR(V, size) \
    struct alignas(2 * sizeof(V)) size##2 { V x, y; }; \
    struct alignas(sizeof(V) >= 4 ? 16 : 4 * sizeof(V)) size##4 { V x, y, z, w; }; \
    static inline size##2 make_##size##2(V x, V y) { return {x, y}; } \
    static inline size##4 make_##size##4(V x, V y, V z, V w) { return {x, y, z, w}; }
SHIM_VECTOR(float, float)
SHIM_VECTOR(int, int)
SHIM_VECTOR(unsigned, uint)
SHIM_VECTOR(unsigned short, ushort)

// A kernel with its arguments out of slots of 8 bytes; a structure takes several.
template <class... A>
struct ShimTypes {};
template <class Kernel, class... Ready>
static inline void shim_apply(Kernel kernel, const long long *, ShimTypes<>, Ready... ready) {
    kernel(ready...);
}
template <class Kernel, class A, class... Rest, class... Ready>
static inline void shim_apply(Kernel kernel, const long long *slot, ShimTypes<A, Rest...>, Ready... ready) {
    A value;
    memcpy(&value, slot, sizeof(A));
    shim_apply(kernel, slot + (sizeof(A) + 7) / 8, ShimTypes<Rest...>(), ready..., value);
}
template <class... A>
static inline void shim_call(void (*kernel)(A...), const long long *slots) {
    shim_apply(kernel, slots, ShimTypes<A...>());
}
#define SHIM_KERNEL(name) \
    extern "C" void shim_run_##name(const long long *slots) { shim_call(name, slots); }
