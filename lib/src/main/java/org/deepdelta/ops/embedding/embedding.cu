// table and its gradient [vocabulary, d], ids [count], y and u [count, d]; V features a thread at a time.

// y_n = table[ids_n], NaN where the id is no row of the table; a thread for V features of a position
extern "C" __global__ void embedding_forward(const T *table, const int *ids, T *y, long long count, int vocabulary, int d) {
    const long long n = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    const long long position = n / (d / V);
    const int i = (int) (n % (d / V)) * V;
    if (position < count) {
        const int id = ids[position];
        store(y + position * d + i, id >= 0 && id < vocabulary ? load(table + (long long) id * d + i) : uniform(INF - INF));
    }
}

#define THREADS 128
#define EACH 16 // ids that a thread looks at in a tile
#define TILE (THREADS * EACH)
#define ROWS 16 // of the table, a block's own

// dtable[id] (+)= the sum of u_n over all n with ids_n = id, in the order of n. A block owns 16 rows of the table and looks at all ids, a tile
// of 2048 at a time: those of its rows are listed, sorted by row and position, and summed one row after the other, features side by side.
extern "C" __global__ void __launch_bounds__(THREADS) embedding_backward(
        const int *ids, const T *u, float *dtable, long long count, int vocabulary, int d, int add) {
    __shared__ int found[TILE], sorted[TILE]; // row * TILE + position in the tile
    __shared__ int hits[THREADS];
    const int first = blockIdx.x * ROWS, rows = min(ROWS, vocabulary - first);
    dtable += (long long) first * d;
    if (!add) {
        for (int i = threadIdx.x * V; i < d; i += THREADS * V) {
            for (int row = 0; row < rows; row++) {
                for (int e = 0; e < V; e++) {
                    dtable[(long long) row * d + i + e] = 0;
                }
            }
        }
    }
    for (long long tile = 0; tile < count; tile += TILE) {
        int mine = 0;
        for (int k = 0; k < EACH; k++) {
            const long long at = tile + threadIdx.x * EACH + k;
            const int row = at < count ? ids[at] - first : -1;
            mine += row >= 0 && row < rows;
        }
        __syncthreads(); // the lists of the tile before are read
        hits[threadIdx.x] = mine;
        __syncthreads();
        int n = 0, to = 0;
        for (int other = 0; other < THREADS; other++) {
            to += other < threadIdx.x ? hits[other] : 0;
            n += hits[other];
        }
        if (n == 0) {
            continue;
        }
        for (int k = 0; mine > 0 && k < EACH; k++) {
            const long long at = tile + threadIdx.x * EACH + k;
            const int row = at < count ? ids[at] - first : -1;
            if (row >= 0 && row < rows) {
                found[to++] = row * TILE + threadIdx.x * EACH + k;
            }
        }
        __syncthreads();
        for (int k = threadIdx.x; k < n; k += THREADS) {
            int rank = 0;
            for (int other = 0; other < n; other++) {
                rank += found[other] < found[k];
            }
            sorted[rank] = found[k];
        }
        __syncthreads();
        for (int i = threadIdx.x * V; i < d; i += THREADS * V) {
            for (int k = 0; k < n;) {
                const int row = sorted[k] / TILE;
                int end = k + 1;
                while (end < n && sorted[end] / TILE == row) {
                    end++;
                }
                float sum[V] = {};
#pragma unroll 4
                for (int at = k; at < end; at++) {
                    const Pack a = load(u + (tile + sorted[at] % TILE) * d + i);
#pragma unroll
                    for (int e = 0; e < V; e++) {
                        sum[e] += (float) a.at[e];
                    }
                }
#pragma unroll
                for (int e = 0; e < V; e++) {
                    dtable[(long long) row * d + i + e] += sum[e];
                }
                k = end;
            }
        }
    }
}
