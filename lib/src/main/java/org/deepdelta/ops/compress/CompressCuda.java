package org.deepdelta.ops.compress;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;

/** A thread for some features of a token; of the weight's gradient, for some features of a part of the tokens. */
record CompressCuda() implements Kernel {

    @Override
    public boolean takes(Tensor... in) {
        return in[0].spec().channelMajor();
    }

    @Override
    public void forward(Call c) {
        new CompressCall(c, c.in(0), c.in(1)).forward(c.out(0));
    }

    @Override
    public void backward(Call c) {
        CompressCall compress = new CompressCall(c, c.in(0), c.in(1));
        Tensor u = c.upstream(0);
        if (c.wants(0) && c.wants(1) && c.in(1).shape().axis(0) == 1) {
            compress.both(u, c.sum(0), c.sum(1, DType.F32));
            return;
        }
        if (c.wants(0)) {
            compress.state(u, c.sum(0));
        }
        if (c.wants(1)) {
            compress.weight(u, c.sum(1, DType.F32));
        }
    }
}
