// One element: g = scale G; m' = beta1 m + gain1 G; v' = beta2 v + gain2 g^2; p' = keep p - rate m' / (sqrt(v' correction) + eps). All in fp32;
// copy, if there is one, is p' as the forward pass reads it. 4 blockDim elements a block.
extern "C" __global__ void adamw(const float *p, const float *gradient, const float *m, const float *v, float *pNew, float *mNew, float *vNew, T *copy, long long n, float scale, float beta1, float gain1, float beta2, float gain2, float keep, float rate, float correction, float eps) {
    long long from = blockIdx.x * 4LL * blockDim.x + threadIdx.x;
#pragma unroll
    for (int k = 0; k < 4; k++) {
        long long i = from + k * (long long) blockDim.x;
        if (i < n) {
            float raw = gradient[i];
            float g = scale * raw;
            float first = beta1 * m[i] + gain1 * raw;
            float second = beta2 * v[i] + gain2 * g * g;
            float next = keep * p[i] - rate * first / (sqrtf(second * correction) + eps);
            mNew[i] = first;
            vNew[i] = second;
            pNew[i] = next;
            if (copy) {
                copy[i] = T(next);
            }
        }
    }
}
