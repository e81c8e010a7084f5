package org.deepdelta.tensor.cuda;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tensor;

/** Sums over some axes of a shape, in two stages and a fixed order: partial sums of runs of elements, then their sum. */
final class Reduction {
    private static final long RUN = 1 << 14;
    private static final long MOST_PARTS = 1 << 12;

    private Reduction() {}

    /**
     * y = factor times the sum of u, or of u times other, over the axes that are not kept.
     *
     * @param shape what is walked
     * @param u is seen through strides along the shape's axes, as is {@code other}
     * @param kept the axes of y, which lie in y in y's storage order
     */
    static void sum(
            Call c,
            Shape shape,
            Tensor u,
            long[] stridesOfU,
            Tensor other,
            long[] stridesOfOther,
            double factor,
            boolean[] kept,
            Tensor y) {
        Axes all = Axes.of(shape, stridesOfU, stridesOfOther).stored(y.spec());
        boolean[] outputs = kept.clone();
        if (y.spec().channelMajor()) {
            outputs[kept.length - 1] = kept[kept.length - 2];
            outputs[kept.length - 2] = kept[kept.length - 1];
        }
        Axes outer = all.only(outputs, true);
        Axes inner = all.only(outputs, false);
        long count = inner.count();
        long run = Math.max(RUN, (count + MOST_PARTS - 1) / MOST_PARTS);
        int parts = (int) Math.max(1, (count + run - 1) / run);
        Tensor part = c.temporary(DType.F32, y.size(), parts);
        Grid grid = Grid.of(y.size(), parts, 1, PrimitiveKernels.threads(count));
        PrimitiveKernels.CU.launch(
                c, u.type(), "reduce", grid, u, other, part, outer.argument(), inner.argument(), count, run, (float)
                        factor);
        String fold = y.type() == u.type() ? "reduce_fold" : "reduce_fold_float";
        PrimitiveKernels.CU.launch(
                c, u.type(), fold, Grid.cover(y.size(), PrimitiveKernels.THREADS), part, y, y.size(), parts);
    }
}
