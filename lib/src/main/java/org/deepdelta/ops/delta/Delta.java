package org.deepdelta.ops.delta;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * The delta rewrite, Eq. (2.2): X' = X + beta k (v' - k'X), with the direction k = k~ / sqrt(|k~|^2 + eps^2) of Sec. 3.1; and the same with
 * other gates, X' = X + k (w v' - b k'X), see {@link Gates}.
 *
 * <p>Shapes: X {@code [B, T, d, dv]}, or {@code [B, T, d]} for dv = 1; k~ {@code [B, T, d]}; v {@code [B, T, dv]}; every gate {@code [B, T,
 * 1]}; X' as X. A state with dv &gt; 1 is stored channel-major. With eps &gt; 0, k~ = 0 leaves the state exactly as it is; with eps = 0 it
 * gives NaN, as in the authors' code. The gate beta lies in [0, 2]: 0 keeps, 1 overwrites, 2 reflects; other values are not refused.
 *
 * @param eps the small-norm guard of the direction, in units of k~
 * @param gates which gates there are
 */
public record Delta(double eps, Gates gates) implements Op {

    /** The gates of a rewrite, in the order in which they follow X, k~ and v. */
    public enum Gates {
        /** beta erases and writes: X' = X + beta k (v' - k'X). The paper's. */
        SHARED("beta"),
        /** One gate each: X' = X + k (w v' - b k'X). */
        SEPARATE("erase", "write"),
        /** Nothing is erased: X' = X + w k v', the control that Sec. 5 misses. */
        WRITE_ONLY("write");

        private final String[] names;

        Gates(String... names) {
            this.names = names;
        }

        /** How many there are. */
        public int count() {
            return names.length;
        }
    }

    /** With one gate for erasing and writing. */
    public Delta(double eps) {
        this(eps, Gates.SHARED);
    }

    /** X' = X + beta k (v' - k'X). */
    public static Tensor rewrite(Tape t, Tensor state, Tensor direction, Tensor value, Tensor beta, double eps) {
        return new Delta(eps).apply(t, state, direction, value, beta);
    }

    /** Rewrites with these gates, in the order of {@link Gates}. */
    public Tensor apply(Tape t, Tensor state, Tensor direction, Tensor value, Tensor... gate) {
        Tensor[] in = new Tensor[3 + gate.length];
        in[0] = stored(t, state);
        in[1] = direction;
        in[2] = value;
        System.arraycopy(gate, 0, in, 3, gate.length);
        return t.apply(this, in);
    }

    private static Tensor stored(Tape t, Tensor state) {
        return state.shape().rank() == 4 ? t.store(state, true) : state;
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
        Shape shape = state.shape();
        long batch = shape.axis(0);
        long length = shape.axis(1);
        in[1].expect("delta: k", batch, length, shape.axis(2));
        in[2].expect("delta: v", batch, length, shape.rank() == 3 ? 1 : shape.axis(3));
        if (in.length != 3 + gates.count()) {
            throw new IllegalArgumentException(
                    "delta: expected X, k, v and " + gates.count() + " gate(s), got " + in.length + " inputs");
        }
        for (int i = 0; i < gates.count(); i++) {
            in[3 + i].expect("delta: " + gates.names[i], batch, length, 1);
        }
        return new Spec[] {state.spec()};
    }

    @Override
    public double flops(Tensor... in) {
        return (gates == Gates.WRITE_ONLY ? 2.0 : 4.0) * in[0].size();
    }

    @Override
    public Reference reference() {
        return new DeltaReference(eps, gates);
    }

    @Override
    public Kernel cpu() {
        return new DeltaKernel(eps, gates);
    }

    @Override
    public Kernel cuda() {
        return new DeltaCuda(eps, gates);
    }
}
