package org.deepdelta.tensor;

import org.nd4j.linalg.api.buffer.DataType;

/** The element types of a {@link Tensor}. */
public enum DType {
    /** IEEE double: the references' type, the one that parity is measured in. */
    F64(8, DataType.DOUBLE),
    /** IEEE single: what the CPU kernels compute in. */
    F32(4, DataType.FLOAT),
    /** bfloat16: storage and matrix products on GPUs; the CPU device refuses it. */
    BF16(2, DataType.BFLOAT16),
    /** 32-bit integers: token ids and targets; never differentiated. */
    I32(4, DataType.INT32);

    private final int bytes;
    private final DataType nd4j;

    DType(int bytes, DataType nd4j) {
        this.bytes = bytes;
        this.nd4j = nd4j;
    }

    /** Size of one element, in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether a gradient can flow through tensors of this type. */
    public boolean isFloating() {
        return this != I32;
    }

    /** The same type in ND4J. */
    public DataType nd4j() {
        return nd4j;
    }
}
