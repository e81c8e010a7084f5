package org.deepdelta.ops.gradientsum;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;

/** Blocks of {@value #BLOCK} elements: shards added in order, squares summed in float within a block and in double over blocks. */
final class GradientSumKernel implements Kernel {
    private static final int BLOCK = 4096;

    @Override
    public void forward(Call c) {
        long size = c.in(0).size();
        Object sum = Lanes.of(c.out(0));
        Object[] shards = new Object[c.inputs()];
        for (int i = 0; i < shards.length; i++) {
            shards[i] = Lanes.of(c.in(i));
        }
        double squares = 0;
        for (long from = 0; from < size; from += BLOCK) {
            int count = (int) Math.min(BLOCK, size - from);
            for (int i = 1; i < shards.length; i++) {
                add(i == 1 ? shards[0] : sum, shards[i], sum, from, count);
            }
            squares += squares(shards.length == 1 ? shards[0] : sum, from, count);
            if (shards.length == 1 && c.in(0) != c.out(0)) {
                add(shards[0], null, sum, from, count);
            }
        }
        Lanes.set(Lanes.of(c.out(1)), 0, (float) squares);
    }

    private static void add(Object a, Object b, Object to, long from, int count) {
        for (int i = 0; i < count; i += Lanes.WIDTH) {
            FloatVector x = Lanes.load(a, from + i, count - i);
            Lanes.store(to, from + i, b == null ? x : x.add(Lanes.load(b, from + i, count - i)), count - i);
        }
    }

    private static double squares(Object x, long from, int count) {
        FloatVector sum = Lanes.zero();
        for (int i = 0; i < count; i += Lanes.WIDTH) {
            FloatVector v = Lanes.load(x, from + i, count - i);
            sum = v.fma(v, sum);
        }
        return Lanes.sum(sum);
    }

    @Override
    public void backward(Call c) {
        throw new UnsupportedOperationException("a sum of gradients is not differentiated");
    }
}
