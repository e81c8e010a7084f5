package org.deepdelta.ops.attention;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaKernelCheck;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each way to compute attention on CUDA against the reference: partial tiles, several, widths that are no multiple of anything, a past. */
final class AttentionCudaTest {

    /** Attention by one of its kernels alone. */
    private record By(Attention attention, Kernel cuda) implements Op {
        @Override
        public String name() {
            return attention.name();
        }

        @Override
        public Spec[] outputs(Tensor... in) {
            return attention.outputs(in);
        }

        @Override
        public Reference reference() {
            return attention.reference();
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1,4", "5,2,16", "70,2,8", "40,3,7", "3,2,260"})
    void products(int length, int heads, int h) {
        joined(new AttentionProducts(heads), length, heads, h).run();
    }

    @ParameterizedTest
    @CsvSource({"1,2,1,4", "1,5,2,16", "1,150,3,7", "3,70,2,32", "17,17,2,5"})
    void productsWithAPast(int queries, int keys, int heads, int h) {
        past(new AttentionProducts(heads), queries, keys, heads, h).run();
    }

    @ParameterizedTest
    @CsvSource({"1,1,4", "5,2,16", "70,2,8", "70,3,7", "40,1,100", "35,1,250"})
    void plainTiles(int length, int heads, int h) {
        joined(new AttentionFlash(heads, false), length, heads, h).run();
    }

    @ParameterizedTest
    @CsvSource({"1,5,2,16", "3,70,2,16", "64,67,1,8", "70,150,2,9"})
    void plainTilesWithAPast(int queries, int keys, int heads, int h) {
        past(new AttentionFlash(heads, false), queries, keys, heads, h).run();
    }

    @ParameterizedTest
    @CsvSource({"1,1,4", "5,2,16", "140,1,8", "150,2,7", "129,1,64", "70,1,128"})
    void tensorTiles(int length, int heads, int h) {
        joined(new AttentionFlash(heads, true), length, heads, h).runHalf();
    }

    @ParameterizedTest
    @CsvSource({"1,5,2,16", "3,70,2,16", "64,67,1,8", "70,150,2,9", "17,100,1,128"})
    void tensorTilesWithAPast(int queries, int keys, int heads, int h) {
        past(new AttentionFlash(heads, true), queries, keys, heads, h).runHalf();
    }

    /** The way is the kernel's own choice. */
    @ParameterizedTest
    @CsvSource({"15,1,16", "16,2,16", "17,1,260"})
    void chosen(int length, int heads, int h) {
        new CudaKernelCheck(new Attention(heads))
                .input("qkv", 2, length, 3L * heads, h)
                .within(5e-6)
                .run();
    }

    private static CudaKernelCheck joined(Kernel kernel, int length, int heads, int h) {
        return new CudaKernelCheck(new By(new Attention(heads), kernel))
                .input("qkv", 2, length, 3L * heads, h)
                .within(5e-6);
    }

    private static CudaKernelCheck past(Kernel kernel, int queries, int keys, int heads, int h) {
        return new CudaKernelCheck(new By(new Attention(heads), kernel))
                .input("q", 2, queries, heads, h)
                .input("kv", 2, keys, 2L * heads, h)
                .within(5e-6);
    }
}
