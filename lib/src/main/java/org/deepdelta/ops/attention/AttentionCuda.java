package org.deepdelta.ops.attention;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;

/** In tiles where there are queries enough for them and heads are not too wide, by batched products otherwise. */
record AttentionCuda(int heads) implements Kernel {
    /** Fewer queries, as when text is generated, leave most of a tile idle. */
    private static final int FEW = 16;

    @Override
    public void forward(Call c) {
        of(c).forward(c);
    }

    @Override
    public void backward(Call c) {
        of(c).backward(c);
    }

    private Kernel of(Call c) {
        boolean tiles = c.in(0).shape().axis(1) >= FEW
                && AttentionFlash.takes((int) c.in(0).shape().axis(3));
        return tiles ? new AttentionFlash(heads, true) : new AttentionProducts(heads);
    }
}
