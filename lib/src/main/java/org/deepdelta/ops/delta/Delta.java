package org.deepdelta.ops.delta;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * The delta rewrite, Eq. (2.2): X' = X + beta k (v' - k'X), with the direction k = k~ / sqrt(|k~|^2 + eps^2) of Sec. 3.1.
 *
 * <p>Shapes: X {@code [B, T, d, dv]}, or {@code [B, T, d]} for dv = 1; k~ {@code [B, T, d]}; v {@code [B, T, dv]}; beta {@code [B, T, 1]};
 * X' as X. A state with dv &gt; 1 is stored channel-major. With eps &gt; 0, k~ = 0 leaves the state exactly as it is; with eps = 0 it
 * gives NaN, as in the authors' code. The gate lies in [0, 2]: 0 keeps, 1 overwrites, 2 reflects; other values are not refused.
 *
 * @param eps the small-norm guard of the direction, in units of k~
 */
public record Delta(double eps) implements Op {

    /** Rewrites the state. */
    public static Tensor rewrite(Tape t, Tensor state, Tensor direction, Tensor value, Tensor beta, double eps) {
        Tensor stored = state.shape().rank() == 4 ? t.store(state, true) : state;
        return t.apply(new Delta(eps), stored, direction, value, beta);
    }

    @Override
    public String name() {
        return "delta";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        Tensor state = in[0];
        if (state.shape().rank() == 3) {
            state.expect("delta: X", -1, -1, -1);
        } else {
            state.expect("delta: X", -1, -1, -1, -1);
        }
        long batch = state.shape().axis(0);
        long length = state.shape().axis(1);
        in[1].expect("delta: k", batch, length, state.shape().axis(2));
        in[2].expect(
                "delta: v",
                batch,
                length,
                state.shape().rank() == 3 ? 1 : state.shape().axis(3));
        in[3].expect("delta: beta", batch, length, 1);
        return new Spec[] {state.spec()};
    }

    @Override
    public double flops(Tensor... in) {
        return 4.0 * in[0].size();
    }

    @Override
    public Reference reference() {
        return new DeltaReference(eps);
    }

    @Override
    public Kernel cpu() {
        return new DeltaKernel(eps);
    }
}
