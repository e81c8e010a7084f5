package org.deepdelta.ops.step;

import java.util.Arrays;
import org.deepdelta.ops.compress.Compress;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.ops.rmsnorm.RmsNormalize;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * From one sublayer to the next in one pass over the state: the rewrite X' of {@link Delta}, then x = compress(X') as {@link Compress}
 * does it, then the context c = RMSNorm(x). A vector state is its own x.
 *
 * <p>Shapes: X {@code [B, T, d, dv]}, k~ {@code [B, T, d]}, v {@code [B, T, dv]}, every gate {@code [B, T, 1]}, W {@code [K, dv, d]}, the norm's
 * weight {@code [d]}; X' as X, x and c {@code [B, T, d]}. For a vector state X is {@code [B, T, d]}, there is no W, and x is not put out.
 *
 * @param eps the small-norm guard of the direction, in units of k~
 * @param gates of the rewrite
 * @param normEps inside the norm's root
 */
public record RewriteStep(double eps, Delta.Gates gates, double normEps) implements Op {

    /** Rewrites, compresses and normalises: X', x and c. */
    public Tensor[] apply(Tape t, Tensor state, Tensor k, Tensor v, Tensor[] gate, Tensor compressor, Tensor norm) {
        Tensor[] in = new Tensor[3 + gate.length + 2];
        in[0] = t.store(state, true);
        in[1] = k;
        in[2] = v;
        System.arraycopy(gate, 0, in, 3, gate.length);
        in[3 + gate.length] = compressor;
        in[4 + gate.length] = norm;
        return t.applyAll(this, in);
    }

    /** Rewrites a vector state and normalises: X' and c. */
    public Tensor[] apply(Tape t, Tensor state, Tensor k, Tensor v, Tensor[] gate, Tensor norm) {
        Tensor[] in = new Tensor[3 + gate.length + 1];
        in[0] = state;
        in[1] = k;
        in[2] = v;
        System.arraycopy(gate, 0, in, 3, gate.length);
        in[3 + gate.length] = norm;
        return t.applyAll(this, in);
    }

    @Override
    public String name() {
        return "rewrite_step";
    }

    /** Inputs of the rewrite; the compressor's weight and the norm's come behind them. */
    int rewritten() {
        return 3 + gates.count();
    }

    Delta delta() {
        return new Delta(eps, gates);
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        int n = rewritten();
        boolean vector = in[0].shape().rank() == 3;
        if (in.length != n + (vector ? 1 : 2)) {
            throw new IllegalArgumentException("rewrite_step: expected " + (n + (vector ? 1 : 2))
                    + " inputs for a state " + in[0].shape() + ", got " + in.length);
        }
        Spec state = delta().outputs(Arrays.copyOf(in, n))[0];
        Spec x = Spec.of(state.type(), in[1].shape());
        in[in.length - 1].expect("rewrite_step: norm", in[1].shape().axis(-1));
        if (vector) {
            return new Spec[] {state, x};
        }
        in[n].expect("rewrite_step: W", -1, state.shape().axis(3), state.shape().axis(2));
        return new Spec[] {state, x, x};
    }

    @Override
    public double flops(Tensor... in) {
        double rewrite = delta().flops(in);
        return in[0].shape().rank() == 3
                ? rewrite
                : rewrite + 2.0 * in[0].size() * in[rewritten()].shape().axis(0);
    }

    @Override
    public Reference reference() {
        return new RewriteStepReference(
                delta().reference(), new Compress().reference(), new RmsNormalize(normEps).reference());
    }

    @Override
    public Kernel cpu() {
        return new RewriteStepKernel(this);
    }

    @Override
    public Kernel cuda() {
        return new RewriteStepCuda(this);
    }
}
