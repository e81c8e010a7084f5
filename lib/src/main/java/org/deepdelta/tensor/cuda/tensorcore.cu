// Matrix products of a warp on tensor cores, bf16 with fp32 sums, from tiles in shared memory. In place of the three instructions the shim has
// their definition (PTX ISA: mma.m16n8k16, ldmatrix, cp.async), so that what is built on them runs there too; warps run one after the other there.

// D += A B; A [16, 16], B [16, 8]. With g = lane / 4 and t = 2 (lane % 4): a[0..3] hold rows g, g + 8, g, g + 8 at columns t, t, t + 8, t + 8 (and
// the next), b0 and b1 column g at rows t and t + 8 (and the next), d rows g, g, g + 8, g + 8 at columns t, t + 1, t, t + 1.
static __device__ __forceinline__ void mma(float (&d)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
#ifdef SHIM
    const int lane = threadIdx.x % 32, g = lane / 4, t = lane % 4 * 2;
    static unsigned all[32][6];
    const unsigned own[6] = {a[0], a[1], a[2], a[3], b0, b1};
    memcpy(all[lane], own, sizeof own);
    __syncwarp();
    for (int k = 0; k < 16; k++) {
        const int at = k % 8 / 2, low = k % 2 == 0 ? 16 : 0, upper = k / 8;
        for (int i = 0; i < 4; i++) {
            const unsigned x = all[g * 4 + at][2 * upper + i / 2], y = all[(t + i % 2) * 4 + at][4 + upper];
            d[i] = fmaf(__uint_as_float(x << low & 0xffff0000u), __uint_as_float(y << low & 0xffff0000u), d[i]);
        }
    }
    __syncwarp();
#elif __CUDA_ARCH__ >= 800
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
    __trap();
#endif
}

// Four 8 by 8 matrices; lane l names row l % 8 of matrix l / 8. x[m] holds row l / 4 of matrix m at columns 2 (l % 4) and the next; transposed,
// column l / 4 at these rows.
template <bool TRANSPOSED>
static __device__ __forceinline__ void matrices(unsigned (&x)[4], const bf16 *row) {
#ifdef SHIM
    const int lane = threadIdx.x % 32, g = lane / 4, t = lane % 4 * 2;
    static const bf16 *all[32];
    all[lane] = row;
    __syncwarp();
    for (int m = 0; m < 4; m++) {
        const bf16 *one = all[m * 8 + (TRANSPOSED ? t : g)], *two = all[m * 8 + (TRANSPOSED ? t + 1 : g)];
        x[m] = one[TRANSPOSED ? g : t].bits | (unsigned) two[TRANSPOSED ? g : t + 1].bits << 16;
    }
    __syncwarp();
#elif __CUDA_ARCH__ >= 800
    const unsigned at = (unsigned) __cvta_generic_to_shared(row);
    if (TRANSPOSED) {
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "r"(at) : "memory");
    } else {
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "r"(at) : "memory");
    }
#else
    __trap();
#endif
}

// Two floats as bf16, the first in the lower half.
static __device__ __forceinline__ unsigned pair(float first, float second) {
#if !defined(SHIM) && __CUDA_ARCH__ >= 800
    unsigned both;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(second), "f"(first));
    return both;
#else
    return bf16(first).bits | (unsigned) bf16(second).bits << 16;
#endif
}

// Starts copying 16 bytes to shared memory, zeros if there is nothing to copy.
static __device__ __forceinline__ void copy_async(bf16 *to, const bf16 *from, bool there) {
#if !defined(SHIM) && __CUDA_ARCH__ >= 800
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
                 :: "r"((unsigned) __cvta_generic_to_shared(to)), "l"(from), "r"(there ? 16 : 0) : "memory");
#else
    const uint4 none = {};
    *reinterpret_cast<uint4 *>(to) = there ? *reinterpret_cast<const uint4 *>(from) : none;
#endif
}

// Waits for the copies that this thread has started.
static __device__ __forceinline__ void copies_done() {
#if !defined(SHIM) && __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_all;" ::: "memory");
#endif
}

// 2^x to two units in the last place, zero below 2^-126.
static __device__ __forceinline__ float power_of_two(float x) {
#if !defined(SHIM)
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
#else
    return exp2f(x);
#endif
}
