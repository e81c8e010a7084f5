package org.deepdelta.ops.adamw;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;

/** One pass over parameter, gradient and moments. */
record AdamWKernel(AdamW op) implements Kernel {

    @Override
    public void forward(Call c) {
        long size = c.in(0).size();
        Object p = Lanes.of(c.in(0));
        Object g = Lanes.of(c.in(1));
        Object m = Lanes.of(c.in(2));
        Object v = Lanes.of(c.in(3));
        Object pNew = Lanes.of(c.out(0));
        Object mNew = Lanes.of(c.out(1));
        Object vNew = Lanes.of(c.out(2));
        float scale = (float) op.scale();
        float beta1 = (float) op.beta1();
        float beta2 = (float) op.beta2();
        float gain1 = (float) (1 - op.beta1());
        float gain2 = (float) (1 - op.beta2());
        float keep = (float) (1 - op.rate() * op.decay());
        float rate = (float) (op.rate() / op.correction1());
        float correction = (float) (1 / op.correction2());
        float eps = (float) op.eps();
        int step = Lanes.WIDTH;
        for (long i = 0; i < size; i += step) {
            int n = (int) Math.min(step, size - i);
            FloatVector gradient = Lanes.load(g, i, n).mul(scale);
            FloatVector first = Lanes.load(m, i, n).mul(beta1).add(gradient.mul(gain1));
            FloatVector second =
                    Lanes.load(v, i, n).mul(beta2).add(gradient.mul(gradient).mul(gain2));
            FloatVector root = second.mul(correction).sqrt().add(eps);
            FloatVector updated =
                    Lanes.load(p, i, n).mul(keep).sub(first.mul(rate).div(root));
            Lanes.store(mNew, i, first, n);
            Lanes.store(vNew, i, second, n);
            Lanes.store(pNew, i, updated, n);
        }
    }

    @Override
    public void backward(Call c) {
        throw new UnsupportedOperationException("an optimiser step is not differentiated");
    }
}
