package org.deepdelta.ops.embedding;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;

/** Copies rows; backward adds them in the order of the ids, so that the sum has one order. */
final class EmbeddingKernel implements Kernel {

    @Override
    public void forward(Call c) {
        long vocabulary = c.in(0).shape().axis(0);
        int d = (int) c.in(0).shape().axis(1);
        Object table = Lanes.of(c.in(0));
        Object ids = Lanes.of(c.in(1));
        Object y = Lanes.of(c.out(0));
        long count = c.in(1).size();
        Lanes.rows(count, i -> {
            int id = Lanes.getInt(ids, i);
            if (id < 0 || id >= vocabulary) {
                throw Embedding.outside(i, id, vocabulary);
            }
            row(table, (long) id * d, y, i * d, d, false);
        });
    }

    @Override
    public void backward(Call c) {
        int d = (int) c.in(0).shape().axis(1);
        Object ids = Lanes.of(c.in(1));
        Object u = Lanes.of(c.upstream(0));
        Call.Sum sum = c.sum(0);
        if (!sum.add()) {
            c.device().fill(sum.tensor(), 0);
        }
        Object gradient = Lanes.of(sum.tensor());
        long count = c.in(1).size();
        Lanes.rows(count, i -> row(u, i * d, gradient, (long) Lanes.getInt(ids, i) * d, d, true));
    }

    private static void row(Object from, long atFrom, Object to, long atTo, int d, boolean add) {
        for (int i = 0; i < d; i += Lanes.WIDTH) {
            Lanes.put(to, atTo + i, Lanes.load(from, atFrom + i, d - i), d - i, add);
        }
    }
}
