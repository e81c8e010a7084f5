package org.deepdelta.tensor.cuda;

import java.util.function.IntFunction;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs a {@link Reference} on copies in the CPU's memory: for operations without a CUDA kernel, such as those of a reader's own rule. */
record StagedReference(Reference reference) implements Kernel {

    @Override
    public boolean takes(Tensor... in) {
        return true;
    }

    @Override
    public void forward(Call c) {
        INDArray[] results = reference.forward(copies(c.inputs(), c::in));
        for (int i = 0; i < results.length; i++) {
            c.out(i).set(results[i]);
        }
    }

    @Override
    public void backward(Call c) {
        INDArray[] gradients = reference.backward(copies(c.inputs(), c::in), copies(c.outputs(), c::upstream));
        for (int i = 0; i < c.inputs(); i++) {
            if (c.wants(i)) {
                c.gradient(i).set(gradients[i]);
            }
        }
    }

    private static INDArray[] copies(int count, IntFunction<Tensor> tensor) {
        INDArray[] copies = new INDArray[count];
        for (int i = 0; i < count; i++) {
            copies[i] = tensor.apply(i).toArray();
        }
        return copies;
    }
}
