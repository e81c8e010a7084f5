package org.deepdelta.tensor.cuda;

import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Tensor;

/**
 * How the threads of a block share rows of d elements: V at a time, which is one access to memory of up to 16 bytes where d and the rows'
 * addresses allow it, in CHUNKS pieces a thread.
 *
 * @param v elements at a time
 * @param threads of the block
 * @param chunks pieces of a row that a thread has
 */
public record Width(int v, int threads, int chunks) {
    private static final CudaSource PACKS = CudaSource.beside(Width.class, "packs.cu");
    private static final int WIDEST = 16;
    private static final int WARP = 32;
    private static final int SUMS = 64; // that a thread has room for

    /** Of one block whose threads hold the rows in registers; at most 128 threads a byte of an element, see {@code packs.cu}. */
    public static Width rows(int d, Tensor... rows) {
        return rows(d, WIDEST, rows);
    }

    /** The same with accesses of at most that many bytes, for kernels that need many registers an element. */
    public static Width rows(int d, int bytes, Tensor... rows) {
        int v = pack(d, bytes, rows);
        int most = 128 * bytes(rows);
        int threads = Math.min(most, threads(d / v));
        return new Width(v, threads, (d / v + threads - 1) / threads);
    }

    /** V alone: the elements in at most that many bytes which divide d and fit all addresses. */
    public static int pack(int d, int bytes, Tensor... rows) {
        int size = bytes(rows);
        int v = Math.max(1, bytes / size);
        while (d % v != 0 || !aligned(v * size, rows)) {
            v /= 2;
        }
        return v;
    }

    /** V alone with accesses as wide as may be. */
    public static int pack(int d, Tensor... rows) {
        return pack(d, WIDEST, rows);
    }

    /** V alone where a thread keeps that many sums an element: few enough that they stay in registers. */
    public static int few(int d, int sums, Tensor... rows) {
        int v = Math.max(1, SUMS / sums);
        return pack(d, Integer.highestOneBit(Math.min(WIDEST, v * bytes(rows))), rows);
    }

    /** Threads of a block for n pieces of work: whole warps. */
    public static int threads(int n) {
        return (n + WARP - 1) / WARP * WARP;
    }

    /** A source in the form for these constants, behind what it uses to handle rows. */
    public CudaSource of(CudaSource source) {
        return packed(source, v).with("CHUNKS", chunks);
    }

    /** A source that has V alone. */
    public static CudaSource packed(CudaSource source, int v) {
        return source.behind(PACKS).with("V", v);
    }

    private static int bytes(Tensor... rows) {
        DType type = rows[0].type();
        return type.bytes();
    }

    private static boolean aligned(int bytes, Tensor... rows) {
        for (Tensor row : rows) {
            if (row != null && row.offset() % bytes != 0) {
                return false;
            }
        }
        return true;
    }
}
