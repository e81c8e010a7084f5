package org.deepdelta.tensor;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The plain form of an operation: one ND4J expression a line, as it stands on paper, on any ND4J backend, float and double. It keeps
 * nothing between forward and backward, and never writes to its arguments.
 */
public interface Reference {

    /** The outputs, in the order of {@link Op#outputs}. */
    INDArray[] forward(INDArray... in);

    /**
     * The gradients of the inputs.
     *
     * @param in the inputs of the forward pass
     * @param upstream the gradient that arrives at each output
     * @return one gradient an input; null where an input is not differentiable (token ids)
     */
    INDArray[] backward(INDArray[] in, INDArray[] upstream);
}
