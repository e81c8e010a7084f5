// along [batch, heads, queries] = y . u of every query and head, the row sums of P dP; y, u [batch, queries, heads, width]. A warp each, V elements
// at a time; grid (ceil(batch queries heads / warps))
extern "C" __global__ void attention_along(
        const T *y, const T *u, float *along, long long count, int heads, int queries, int width) {
    const long long n = (long long) blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    if (n >= count) {
        return;
    }
    float sum = 0;
    for (int i = threadIdx.x % 32 * V; i < width; i += 32 * V) {
        const Pack a = load(y + n * width + i), b = load(u + n * width + i);
#pragma unroll
        for (int e = 0; e < V; e++) {
            sum = fmaf(a.at[e], b.at[e], sum);
        }
    }
    sum = warp_sum(sum);
    const long long token = n / heads;
    if (threadIdx.x % 32 == 0) {
        along[(token / queries * heads + n % heads) * queries + token % queries] = sum;
    }
}
