package org.deepdelta.ops.step;

import org.deepdelta.ops.compress.CompressCall;
import org.deepdelta.ops.delta.RewriteCall;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Parts;
import org.deepdelta.tensor.cuda.Width;

/**
 * With one tap (CC) or none one kernel each way: every element of the state is read once and written once. With more (TC), forward is the
 * rewrite and then reading and norm; backward the norm, then spreading and rewrite, then the gradient of the taps.
 */
record RewriteStepCuda(RewriteStep op) implements Kernel {
    private static final CudaSource CU =
            CudaSource.beside(RewriteStepCuda.class, "step.cu").behind(RewriteCall.TOKEN);

    // Three blocks, for whose registers a multiprocessor has room, on each of an H100's 132.
    private static final int PARTS = 396;
    private static final int MANY_CHANNELS = 8;

    @Override
    public boolean takes(Tensor... in) {
        return in[0].shape().rank() == 3 || in[0].spec().channelMajor();
    }

    private RewriteCall rewrite(Call c) {
        return new RewriteCall(c, op.gates(), op.eps());
    }

    /** The compressor's weight, null for a vector state. */
    private Tensor weight(Call c) {
        return c.in(0).shape().rank() == 4 ? c.in(op.rewritten()) : null;
    }

    private static int taps(Tensor weight) {
        return weight == null ? 1 : (int) weight.shape().axis(0);
    }

    private static Tensor scale(Call c) {
        return c.in(c.inputs() - 1);
    }

    @Override
    public void forward(Call c) {
        RewriteCall z = rewrite(c);
        long tokens = z.tokens();
        c.save(
                c.temporary(DType.F32, tokens),
                c.temporary(DType.F32, tokens, z.channels()),
                c.temporary(DType.F32, tokens));
        if (taps(weight(c)) == 1) {
            together(c, z);
        } else {
            z.forward(c.out(0), c.saved(0), c.saved(1));
            read(c, z);
        }
    }

    private void together(Call c, RewriteCall z) {
        Tensor weight = weight(c);
        Tensor x = weight == null ? null : c.out(1);
        Tensor context = c.out(c.outputs() - 1);
        Width width = Width.rows(z.d(), c.in(0), c.in(1), weight, c.out(0), x, context);
        z.source(CU, width)
                .launch(
                        c,
                        context.type(),
                        "step_forward",
                        Grid.of(z.tokens(), width.threads()),
                        c.in(0),
                        c.in(1),
                        c.in(2),
                        z.erase(),
                        z.write(),
                        weight,
                        scale(c),
                        c.out(0),
                        x,
                        context,
                        c.saved(0),
                        c.saved(1),
                        c.saved(2),
                        z.d(),
                        z.guard(),
                        (float) op.normEps(),
                        z.kind());
    }

    private void read(Call c, RewriteCall z) {
        Tensor weight = weight(c);
        Width width = Width.rows(z.d(), c.out(0), weight, c.out(1), c.out(2));
        z.source(CU, width)
                .launch(
                        c,
                        weight.type(),
                        "step_read",
                        Grid.of(z.tokens(), width.threads()),
                        c.out(0),
                        weight,
                        scale(c),
                        c.out(1),
                        c.out(2),
                        c.saved(2),
                        c.in(0).shape().axis(1),
                        taps(weight),
                        z.d(),
                        (float) op.normEps());
    }

    /** What arrives at an output, null for nothing. */
    private static Tensor arriving(Call c, int i) {
        return c.arrives(i) ? c.upstream(i) : null;
    }

    @Override
    public void backward(Call c) {
        RewriteCall z = rewrite(c);
        Tensor weight = weight(c);
        if (taps(weight) == 1) {
            backTogether(c, z, weight);
            return;
        }
        Tensor dx = c.temporary(weight.type(), z.tokens(), z.d());
        norm(c, z, dx);
        join(c, z, weight, dx);
        if (c.wants(op.rewritten())) {
            new CompressCall(c, c.out(0), weight).weight(dx, c.sum(op.rewritten(), DType.F32));
        }
    }

    private void backTogether(Call c, RewriteCall z, Tensor weight) {
        RewriteCall.Gradients to = z.gradients();
        Tensor u = arriving(c, 0);
        Tensor ux = weight == null ? null : arriving(c, 1);
        Tensor uc = c.upstream(c.outputs() - 1);
        Tensor x = c.out(weight == null ? 0 : 1);
        int bytes = z.channels() < MANY_CHANNELS ? 16 : 8;
        Width width = Width.rows(z.d(), bytes, c.in(0), c.in(1), weight, x, u, ux, uc, to.stateTensor(), to.k());
        Parts parts = Parts.of(c, z.tokens(), PARTS, (z.channels() + 1L) * z.d());
        z.source(CU, width)
                .launch(
                        c,
                        x.type(),
                        "step_backward",
                        Grid.of(parts.count(), width.threads()),
                        c.in(0),
                        c.in(1),
                        c.in(2),
                        z.erase(),
                        z.write(),
                        weight,
                        scale(c),
                        x,
                        c.saved(0),
                        c.saved(1),
                        c.saved(2),
                        u,
                        ux,
                        uc,
                        to.stateTensor(),
                        to.k(),
                        to.v(),
                        to.erase(),
                        to.write(),
                        parts.sums(),
                        z.tokens(),
                        z.d(),
                        z.kind(),
                        to.add());
        if (weight != null && c.wants(op.rewritten())) {
            parts.fold(c, 0, c.sum(op.rewritten(), DType.F32));
        }
        foldScale(c, parts, (long) z.channels() * z.d());
    }

    private static void foldScale(Call c, Parts parts, long column) {
        int last = c.inputs() - 1;
        if (c.wants(last)) {
            parts.fold(c, column, c.sum(last, DType.F32));
        }
    }

    private void norm(Call c, RewriteCall z, Tensor dx) {
        Tensor ux = arriving(c, 1);
        Tensor uc = c.upstream(2);
        Width width = Width.rows(z.d(), c.out(1), ux, uc, dx);
        Parts parts = Parts.of(c, z.tokens(), PARTS, z.d());
        z.source(CU, width)
                .launch(
                        c,
                        dx.type(),
                        "step_norm",
                        Grid.of(parts.count(), width.threads()),
                        scale(c),
                        c.out(1),
                        c.saved(2),
                        ux,
                        uc,
                        dx,
                        parts.sums(),
                        z.tokens(),
                        z.d());
        foldScale(c, parts, 0);
    }

    private void join(Call c, RewriteCall z, Tensor weight, Tensor dx) {
        RewriteCall.Gradients to = z.gradients();
        Tensor u = arriving(c, 0);
        Width width = Width.rows(z.d(), c.in(0), c.in(1), weight, u, dx, to.stateTensor(), to.k());
        z.source(CU, width)
                .launch(
                        c,
                        dx.type(),
                        "step_join",
                        Grid.of(z.tokens(), width.threads()),
                        c.in(0),
                        c.in(1),
                        c.in(2),
                        z.erase(),
                        z.write(),
                        weight,
                        c.saved(0),
                        c.saved(1),
                        u,
                        dx,
                        to.stateTensor(),
                        to.k(),
                        to.v(),
                        to.erase(),
                        to.write(),
                        c.in(0).shape().axis(1),
                        taps(weight),
                        z.d(),
                        z.kind(),
                        to.add());
    }
}
