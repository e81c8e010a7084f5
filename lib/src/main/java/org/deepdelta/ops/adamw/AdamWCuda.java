package org.deepdelta.ops.adamw;

import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.tensor.cuda.CudaSource;
import org.deepdelta.tensor.cuda.Grid;

/** Everything in one pass, the copy that the forward pass reads included. */
record AdamWCuda(AdamW op) implements Kernel {
    private static final CudaSource CU = CudaSource.beside(AdamWCuda.class, "adamw.cu");
    private static final int THREADS = 256;
    private static final int EACH = 4; // elements a thread

    @Override
    public void forward(Call c) {
        long n = c.in(0).size();
        Tensor copy = c.outputs() > 3 ? c.out(3) : null;
        Grid grid = Grid.of((n + THREADS * EACH - 1) / (THREADS * EACH), THREADS);
        CU.launch(
                c,
                copy == null ? DType.F32 : copy.type(),
                "adamw",
                grid,
                c.in(0),
                c.in(1),
                c.in(2),
                c.in(3),
                c.out(0),
                c.out(1),
                c.out(2),
                copy,
                n,
                (float) op.scale(),
                (float) op.beta1(),
                (float) ((1 - op.beta1()) * op.scale()),
                (float) op.beta2(),
                (float) (1 - op.beta2()),
                (float) (1 - op.rate() * op.decay()),
                (float) (op.rate() / op.correction1()),
                (float) (1 / op.correction2()),
                (float) op.eps());
    }

    @Override
    public void backward(Call c) {
        throw new UnsupportedOperationException("an optimiser step is not differentiated");
    }
}
