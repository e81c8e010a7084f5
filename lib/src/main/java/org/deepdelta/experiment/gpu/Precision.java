package org.deepdelta.experiment.gpu;

import org.deepdelta.tensor.DType;

/** What a step computes in. */
public enum Precision {
    /** IEEE single throughout. */
    F32(DType.F32, 1e-4, 1e-3),
    /** The same, but matrix products round their factors to ten bits on the way. */
    TF32(DType.F32, 2e-3, 0.05),
    /** Activations and the copies of parameters that products read in bf16; sums, statistics, parameters and moments in F32. */
    BF16(DType.BF16, 2e-3, 0.15);

    private final DType type;
    private final double loss;
    private final double gradient;

    Precision(DType type, double loss, double gradient) {
        this.type = type;
        this.loss = loss;
        this.gradient = gradient;
    }

    /** The type of the model. */
    public DType type() {
        return type;
    }

    /** How far a loss may be from the CPU's, relative. */
    double loss() {
        return loss;
    }

    /** How far a gradient may be from the CPU's, relative to its norm. */
    double gradient() {
        return gradient;
    }
}
