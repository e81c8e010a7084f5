package org.deepdelta.tensor;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs an operation's {@link Reference} on tensors. */
record ReferenceKernel(Reference reference) implements Kernel {

    @Override
    public void forward(Call c) {
        INDArray[] results = reference.forward(views(c));
        for (int i = 0; i < results.length; i++) {
            c.out(i).set(results[i]);
        }
    }

    @Override
    public void backward(Call c) {
        INDArray[] upstream = new INDArray[c.outs().length];
        for (int i = 0; i < upstream.length; i++) {
            upstream[i] = array(c.upstream(i));
        }
        INDArray[] gradients = reference.backward(views(c), upstream);
        for (int i = 0; i < c.inputs(); i++) {
            if (c.wants(i)) {
                c.gradient(i).set(gradients[i]);
            }
        }
    }

    private static INDArray[] views(Call c) {
        INDArray[] views = new INDArray[c.inputs()];
        for (int i = 0; i < views.length; i++) {
            views[i] = array(c.in(i));
        }
        return views;
    }

    private static INDArray array(Tensor tensor) {
        return tensor.memory().holdsArrays() ? tensor.view() : tensor.toArray();
    }
}
