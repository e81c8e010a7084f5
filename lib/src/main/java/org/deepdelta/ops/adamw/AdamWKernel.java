package org.deepdelta.ops.adamw;

import jdk.incubator.vector.FloatVector;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Lanes;

/** Both moments, then the parameter, in blocks. */
record AdamWKernel(AdamW op) implements Kernel {
    private static final int BLOCK = 4096;

    @Override
    public void forward(Call c) {
        long size = c.in(0).size();
        long blocks = (size + BLOCK - 1) / BLOCK;
        Object p = Lanes.of(c.in(0));
        Object g = Lanes.of(c.in(1));
        Object m = Lanes.of(c.in(2));
        Object v = Lanes.of(c.in(3));
        Object pNew = Lanes.of(c.out(0));
        Object mNew = Lanes.of(c.out(1));
        Object vNew = Lanes.of(c.out(2));
        Lanes.rows(blocks, b -> first(g, m, mNew, b * BLOCK, count(size, b)));
        Lanes.rows(blocks, b -> second(g, v, vNew, b * BLOCK, count(size, b)));
        Lanes.rows(blocks, b -> parameter(p, mNew, vNew, pNew, b * BLOCK, count(size, b)));
    }

    private static int count(long size, long block) {
        return (int) Math.min(BLOCK, size - block * BLOCK);
    }

    private void first(Object g, Object m, Object to, long at, int n) {
        float keep = (float) op.beta1();
        float gain = (float) ((1 - op.beta1()) * op.scale());
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector old = Lanes.load(m, at + i, n - i).mul(keep);
            Lanes.store(to, at + i, old.add(Lanes.load(g, at + i, n - i).mul(gain)), n - i);
        }
    }

    private void second(Object g, Object v, Object to, long at, int n) {
        float keep = (float) op.beta2();
        float gain = (float) (1 - op.beta2());
        float scale = (float) op.scale();
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector gradient = Lanes.load(g, at + i, n - i).mul(scale);
            FloatVector old = Lanes.load(v, at + i, n - i).mul(keep);
            Lanes.store(to, at + i, old.add(gradient.mul(gradient).mul(gain)), n - i);
        }
    }

    private void parameter(Object p, Object m, Object v, Object to, long at, int n) {
        float keep = (float) (1 - op.rate() * op.decay());
        float rate = (float) (op.rate() / op.correction1());
        float correction = (float) (1 / op.correction2());
        float eps = (float) op.eps();
        for (int i = 0; i < n; i += Lanes.WIDTH) {
            FloatVector root =
                    Lanes.load(v, at + i, n - i).mul(correction).sqrt().add(eps);
            FloatVector step = Lanes.load(m, at + i, n - i).mul(rate).div(root);
            Lanes.store(to, at + i, Lanes.load(p, at + i, n - i).mul(keep).sub(step), n - i);
        }
    }

    @Override
    public void backward(Call c) {
        throw new UnsupportedOperationException("an optimiser step is not differentiated");
    }
}
