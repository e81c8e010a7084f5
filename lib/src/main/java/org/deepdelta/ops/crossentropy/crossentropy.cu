// z, dz [rows, classes], targets [rows]; a row a block, V classes a thread at a time.

#define LOG2E 1.44269504f
#define NO_TARGET -1

// The largest logit of a row and the sum of exp(z - largest), for all threads; a thread's sum is scaled anew whenever it meets a larger logit.
static __device__ __forceinline__ void measure(const T *z, int classes, float &largest, float &sum) {
    float most = -INF, part = 0;
    for (int i = threadIdx.x * V; i < classes; i += blockDim.x * V) {
        const Pack a = load(z + i);
        float here = a.at[0];
#pragma unroll
        for (int e = 1; e < V; e++) {
            here = fmaxf(here, a.at[e]);
        }
        if (here > most) {
            part *= exp2f((most - here) * LOG2E);
            most = here;
        }
#pragma unroll
        for (int e = 0; e < V; e++) {
            part += exp2f(((float) a.at[e] - most) * LOG2E);
        }
    }
    largest = block_max(most);
    sum = block_sum(part == 0 ? 0 : part * exp2f((most - largest) * LOG2E));
}

// log sum exp z - z[target], 0 without a target, NaN where the target is no class
static __device__ __forceinline__ float loss_of(const T *z, int target, int classes, float largest, float sum) {
    const bool known = target >= 0 && target < classes;
    return target == NO_TARGET ? 0 : known ? logf(sum) + (largest - (float) z[target]) : INF - INF;
}

// dz = weight (softmax(z) - onehot), 0 without a target; dz may be z
static __device__ __forceinline__ void differentiate(
        const T *z, int target, T *dz, int classes, float weight, float largest, float sum) {
    const bool scored = target != NO_TARGET;
    const float factor = weight / sum;
    for (int i = threadIdx.x * V; i < classes; i += blockDim.x * V) {
        Pack a = load(z + i);
#pragma unroll
        for (int e = 0; e < V; e++) {
            const float p = factor * exp2f(((float) a.at[e] - largest) * LOG2E);
            a.at[e] = T(scored ? i + e == target ? p - weight : p : 0.0f);
        }
        store(dz + i, a);
    }
}

// losses [rows], keep [rows, 2] = largest logit and sum of exponentials; the row is read once
extern "C" __global__ void crossentropy_forward(const T *z, const int *targets, float *keep, float *losses, int classes) {
    const long long row = blockIdx.x;
    float largest, sum;
    measure(z + row * classes, classes, largest, sum);
    if (threadIdx.x == 0) {
        keep[2 * row] = largest;
        keep[2 * row + 1] = sum;
        losses[row] = loss_of(z + row * classes, targets[row], classes, largest, sum);
    }
}

// dz, with weight = upstream / count; dz may be z
extern "C" __global__ void crossentropy_backward(
        const T *z, const int *targets, const float *keep, const float *upstream, T *dz, int classes, float count) {
    const long long at = (long long) blockIdx.x * classes;
    const float largest = keep[2LL * blockIdx.x], sum = keep[2LL * blockIdx.x + 1];
    differentiate(z + at, targets[blockIdx.x], dz + at, classes, *upstream / count, largest, sum);
}

// losses [rows], and z becomes dz with weight = 1 / count; the second time the row comes from the cache
extern "C" __global__ void crossentropy_consume(T *z, const int *targets, float *losses, int classes, float count) {
    const int target = targets[blockIdx.x];
    z += (long long) blockIdx.x * classes;
    float largest, sum;
    measure(z, classes, largest, sum);
    if (threadIdx.x == 0) {
        losses[blockIdx.x] = loss_of(z, target, classes, largest, sum);
    }
    __syncthreads(); // z[target] is read
    differentiate(z, target, z, classes, 1 / count, largest, sum);
}

// dz, which stands for an upstream of 1, times what really arrives; a thread V elements of all n
extern "C" __global__ void crossentropy_scale(T *dz, const float *upstream, long long n) {
    const float factor = *upstream;
    const long long i = ((long long) blockIdx.x * blockDim.x + threadIdx.x) * V;
    if (factor == 1 || i >= n) {
        return;
    }
    Pack a = load(dz + i);
#pragma unroll
    for (int e = 0; e < V; e++) {
        a.at[e] = T(factor * (float) a.at[e]);
    }
    store(dz + i, a);
}

// loss = the sum of losses [rows] / count, in double, by one block of 256 threads
extern "C" __global__ void crossentropy_loss(const float *losses, long long rows, double count, float *loss) {
    __shared__ double sums[256];
    double sum = 0;
    for (long long row = threadIdx.x; row < rows; row += 256) {
        sum += losses[row];
    }
    sums[threadIdx.x] = sum;
    for (int half = 128; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half) {
            sums[threadIdx.x] += sums[threadIdx.x + half];
        }
    }
    if (threadIdx.x == 0) {
        *loss = (float) (sums[0] / count);
    }
}
