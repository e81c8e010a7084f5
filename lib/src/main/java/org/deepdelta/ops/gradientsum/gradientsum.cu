// to = a + b, n elements; b null: a copy.
extern "C" __global__ void gradientsum_add(const float *a, const float *b, float *to, long long n) {
    long long i = blockIdx.x * (long long) blockDim.x + threadIdx.x;
    if (i < n) {
        to[i] = b ? a[i] + b[i] : a[i];
    }
}

// A block's sum of the squares of 64 blockDim elements, in float. partial [blocks].
extern "C" __global__ void gradientsum_squares(const float *x, float *partial, long long n) {
    long long from = blockIdx.x * 64LL * blockDim.x + threadIdx.x;
    float sum[4] = {};
    for (int k = 0; k < 64; k += 4) {
        for (int s = 0; s < 4; s++) {
            long long i = from + (k + s) * (long long) blockDim.x;
            float a = i < n ? x[i] : 0;
            sum[s] += a * a;
        }
    }
    float all = block_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = all;
    }
}

// The sum of the blocks' squares, in double, by one block of 256 threads.
extern "C" __global__ void gradientsum_total(const float *partial, long long blocks, float *squared) {
    __shared__ double sums[256];
    double sum = 0;
    for (long long b = threadIdx.x; b < blocks; b += 256) {
        sum += partial[b];
    }
    sums[threadIdx.x] = sum;
    for (int half = 128; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half) {
            sums[threadIdx.x] += sums[threadIdx.x + half];
        }
    }
    if (threadIdx.x == 0) {
        *squared = (float) sums[0];
    }
}
