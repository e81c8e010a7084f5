// The rewrite, one token a block: every row is read once. X, X', U, dX [tokens, DV, d]; k~ [tokens, d]; v [tokens, DV]; gates [tokens].

// X' = X + s k (w v' - b k'X); keeps inverse = 1 / |k~| [tokens] and read = k'X [tokens, DV]
extern "C" __global__ void __launch_bounds__(MOST_THREADS) delta_forward(
        const T *x, const T *k, const T *v, const T *erase, const T *write, T *y, float *inverse, float *read, int d,
        float guard, int kind) {
    const long long t = blockIdx.x;
    Pack raw[CHUNKS], rows[CHUNKS][DV];
    load(raw, k + t * d, d);
    load(rows, x + t * DV * d, d);
    rewrite(rows, raw, v, erase, write, inverse, read, t, guard, kind);
    store(y + t * DV * d, d, rows, 0);
}

// With p = k'U: dX = U - s b k p', dv = s w p, dk = s (U e - b X p), dk~ = (dk - k (k'dk)) / |k~|. Gradients that nobody wants are null; dX is
// added to what is there, or written.
extern "C" __global__ void __launch_bounds__(MOST_THREADS) delta_backward(
        const T *x, const T *k, const T *v, const T *erase, const T *write, const float *inverse, const float *read,
        const T *u, T *dx, T *dk, T *dv, T *derase, T *dwrite, int d, int kind, int add) {
    const long long t = blockIdx.x;
    Pack raw[CHUNKS], rows[CHUNKS][DV], ups[CHUNKS][DV];
    load(raw, k + t * d, d);
    load(ups, u + t * DV * d, d);
    load(rows, x + t * DV * d, d);
    const Back back = differentiate(ups, raw, v, erase, write, inverse, read, dv, derase, dwrite, t, kind);
    give(rows, raw, ups, back);
    if (dx) {
        store(dx + t * DV * d, d, rows, add);
    }
    if (dk) {
        store(dk + t * d, d, raw);
    }
}
