package org.deepdelta.ops.delta;

import org.deepdelta.ops.delta.Delta.Gates;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;

/** One token a block on a channel-major state, every row read once. Forward keeps 1 / |k~| (guarded) and k'X. */
record DeltaCuda(double eps, Gates gates) implements Kernel {

    @Override
    public boolean takes(Tensor... in) {
        return in[0].shape().rank() == 3 || in[0].spec().channelMajor();
    }

    @Override
    public void forward(Call c) {
        RewriteCall rewrite = new RewriteCall(c, gates, eps);
        c.save(c.temporary(DType.F32, rewrite.tokens()), c.temporary(DType.F32, rewrite.tokens(), rewrite.channels()));
        rewrite.forward(c.out(0), c.saved(0), c.saved(1));
    }

    @Override
    public void backward(Call c) {
        new RewriteCall(c, gates, eps).backward(c.upstream(0), c.saved(0), c.saved(1));
    }
}
