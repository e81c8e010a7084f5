package org.deepdelta.ops.delta;

import org.deepdelta.ops.delta.Delta.Gates;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;
import org.deepdelta.tensor.cuda.Width;

/**
 * The rewrite in a call on a GPU; its inputs are X, k~, v and the gates, perhaps followed by others.
 *
 * @param c the call
 * @param gates of the rewrite
 * @param eps the small-norm guard of the direction
 */
public record RewriteCall(Call c, Gates gates, double eps) {
    /** Device functions for a token's rewrite, which kernels begin with. */
    public static final CudaSource TOKEN = CudaSource.beside(RewriteCall.class, "rewrite.cu");

    private static final CudaSource CU =
            CudaSource.beside(RewriteCall.class, "delta.cu").behind(TOKEN);

    /**
     * Where gradients go; null for those that nobody wants.
     *
     * @param state of X, which may be added
     * @param k of k~
     * @param v of v
     * @param erase of a gate that only erases
     * @param write of the gate that writes
     */
    public record Gradients(Call.Sum state, Tensor k, Tensor v, Tensor erase, Tensor write) {
        /** The destination of dX. */
        public Tensor stateTensor() {
            return state == null ? null : state.tensor();
        }

        /** 1 if dX is added, otherwise 0. */
        public int add() {
            return state != null && state.add() ? 1 : 0;
        }
    }

    /** Features. */
    public int d() {
        return (int) c.in(1).shape().axis(-1);
    }

    /** Value channels. */
    public int channels() {
        return (int) c.in(2).shape().axis(-1);
    }

    /** Tokens in the batch. */
    public long tokens() {
        return c.in(1).shape().rows();
    }

    /** The number by which kernels know the gates. */
    public int kind() {
        return gates.ordinal();
    }

    /** eps^2, as it stands under the root. */
    public float guard() {
        return (float) (eps * eps);
    }

    /** The gate that erases; any for those that have none. */
    public Tensor erase() {
        return c.in(3);
    }

    /** The gate that writes. */
    public Tensor write() {
        return c.in(2 + gates.count());
    }

    /** A source in the form for rows of this width and these channels. */
    public CudaSource source(CudaSource source, Width width) {
        return width.of(source).with("DV", channels());
    }

    /** Asks the call for the gradients' destinations. */
    public Gradients gradients() {
        int last = 2 + gates.count();
        return new Gradients(
                c.wants(0) ? c.sum(0) : null,
                gradient(1),
                gradient(2),
                gates == Gates.SEPARATE ? gradient(3) : null,
                gradient(last));
    }

    private Tensor gradient(int i) {
        return c.wants(i) ? c.gradient(i) : null;
    }

    /** X', keeping 1 / |k~| {@code [tokens]} and k'X {@code [tokens, dv]}. */
    public void forward(Tensor next, Tensor inverse, Tensor read) {
        Width width = Width.rows(d(), c.in(0), c.in(1), next);
        Grid grid = Grid.of(tokens(), width.threads());
        source(CU, width)
                .launch(
                        c,
                        next.type(),
                        "delta_forward",
                        grid,
                        c.in(0),
                        c.in(1),
                        c.in(2),
                        erase(),
                        write(),
                        next,
                        inverse,
                        read,
                        d(),
                        guard(),
                        kind());
    }

    /** All gradients from the one that arrives at X'. */
    public void backward(Tensor u, Tensor inverse, Tensor read) {
        Gradients to = gradients();
        Width width = Width.rows(d(), c.in(0), c.in(1), u, to.stateTensor(), to.k());
        Grid grid = Grid.of(tokens(), width.threads());
        source(CU, width)
                .launch(
                        c,
                        u.type(),
                        "delta_backward",
                        grid,
                        c.in(0),
                        c.in(1),
                        c.in(2),
                        erase(),
                        write(),
                        inverse,
                        read,
                        u,
                        to.stateTensor(),
                        to.k(),
                        to.v(),
                        to.erase(),
                        to.write(),
                        d(),
                        kind(),
                        to.add());
    }
}
