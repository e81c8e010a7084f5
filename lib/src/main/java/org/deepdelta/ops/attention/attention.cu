// Attention by batched products: the softmax between them. One sequence at a time; scores [heads, queries, keys], of which query t sees the keys up to
// past + t. A block a row, grid (heads queries).

// p = softmax of the visible scores, zero behind them; lse [heads, queries] the logarithm of the sum of their exponentials
extern "C" __global__ void attention_softmax(const float *scores, T *p, float *lse, int queries, int keys, int past) {
    const long long at = (long long) blockIdx.x * keys;
    const int seen = past + (int) (blockIdx.x % queries) + 1;
    float most = -INF;
    for (int i = threadIdx.x; i < seen; i += blockDim.x) {
        most = fmaxf(most, scores[at + i]);
    }
    most = block_max(most);
    float total = 0;
    for (int i = threadIdx.x; i < seen; i += blockDim.x) {
        total += expf(scores[at + i] - most);
    }
    total = block_sum(total);
    for (int i = threadIdx.x; i < keys; i += blockDim.x) {
        p[at + i] = T(i < seen ? expf(scores[at + i] - most) / total : 0.0f);
    }
    if (threadIdx.x == 0) {
        lse[blockIdx.x] = most + logf(total);
    }
}

// p again from the scores, ds = scale p (dp - sum of p dp along the row); that sum from what is in float here, not from y . u, which are rounded
extern "C" __global__ void attention_slopes(const float *scores, const float *dp, const float *lse, T *p, T *ds, int queries, int keys,
        int past, float scale) {
    const int seen = past + (int) (blockIdx.x % queries) + 1;
    const long long at = (long long) blockIdx.x * keys;
    const float log = lse[blockIdx.x];
    float along = 0;
    for (int i = threadIdx.x; i < seen; i += blockDim.x) {
        along = fmaf(expf(scores[at + i] - log), dp[at + i], along);
    }
    along = block_sum(along);
    for (int i = threadIdx.x; i < keys; i += blockDim.x) {
        const float probability = i < seen ? expf(scores[at + i] - log) : 0.0f;
        p[at + i] = T(probability);
        ds[at + i] = T(i < seen ? scale * probability * (dp[at + i] - along) : 0.0f);
    }
}
