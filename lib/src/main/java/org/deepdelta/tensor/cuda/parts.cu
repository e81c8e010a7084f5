// to[i] (+)= sum over p of partial[p, from + i], i < n: 32 columns a block, each summed by 32 threads over every 32nd part, then over threads.
// partial [parts, row], to [n].
extern "C" __global__ void fold(const float *partial, int parts, long long row, long long from, float *to, long long n, int add) {
    __shared__ float sums[32][33];
    int column = threadIdx.x % 32;
    int slice = threadIdx.x / 32;
    long long i = blockIdx.x * 32LL + column;
    float sum = 0;
    if (i < n) {
        for (int p = slice; p < parts; p += 32) {
            sum += partial[p * row + from + i];
        }
    }
    sums[slice][column] = sum;
    __syncthreads();
    sum = warp_sum(sums[column][slice]); // lanes are slices now, the warp is the column
    i = blockIdx.x * 32LL + slice;
    if (column == 0 && i < n) {
        to[i] = add ? to[i] + sum : sum;
    }
}
