// z, dz [rows, classes], targets [rows]; a row a block, V classes a thread at a time.

#define LOG2E 1.44269504f
#define NO_TARGET -1

// keep [rows, 2] = the row's largest logit and the sum of exp(z - largest); losses [rows] = log sum exp z - z[target], 0 without a target, NaN
// where the target is no class. The row is read once: a thread's sum is scaled anew whenever it meets a larger logit.
extern "C" __global__ void crossentropy_forward(const T *z, const int *targets, float *keep, float *losses, int classes) {
    const long long row = blockIdx.x;
    z += row * classes;
    float largest = -INF, sum = 0;
    for (int i = threadIdx.x * V; i < classes; i += blockDim.x * V) {
        const Pack a = load(z + i);
        float most = a.at[0];
#pragma unroll
        for (int e = 1; e < V; e++) {
            most = fmaxf(most, a.at[e]);
        }
        if (most > largest) {
            sum *= exp2f((largest - most) * LOG2E);
            largest = most;
        }
#pragma unroll
        for (int e = 0; e < V; e++) {
            sum += exp2f(((float) a.at[e] - largest) * LOG2E);
        }
    }
    const float all = block_max(largest);
    sum = block_sum(sum == 0 ? 0 : sum * exp2f((largest - all) * LOG2E));
    if (threadIdx.x == 0) {
        const int target = targets[row];
        const bool known = target >= 0 && target < classes;
        keep[2 * row] = all;
        keep[2 * row + 1] = sum;
        losses[row] = target == NO_TARGET ? 0 : known ? logf(sum) + (all - (float) z[target]) : INF - INF;
    }
}

// dz = w (softmax(z) - onehot), w = upstream / count, 0 without a target; dz may be z
extern "C" __global__ void crossentropy_backward(
        const T *z, const int *targets, const float *keep, const float *upstream, T *dz, int classes, float count) {
    const long long row = blockIdx.x;
    const int target = targets[row];
    const bool scored = target != NO_TARGET;
    const float weight = *upstream / count, largest = keep[2 * row], factor = weight / keep[2 * row + 1];
    for (int i = threadIdx.x * V; i < classes; i += blockDim.x * V) {
        Pack a = load(z + row * classes + i);
#pragma unroll
        for (int e = 0; e < V; e++) {
            const float p = factor * exp2f(((float) a.at[e] - largest) * LOG2E);
            a.at[e] = T(scored ? i + e == target ? p - weight : p : 0.0f);
        }
        store(dz + row * classes + i, a);
    }
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
