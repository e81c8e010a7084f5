package org.deepdelta.ops.expand;

import org.deepdelta.ops.compress.Compress;
import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Every value channel is a convolution of its own: the embedding, as a state of one channel, compressed by that channel's weights. */
record ExpandReference() implements Reference {
    private static final Reference COMPRESS = new Compress().reference();

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray[] channels = new INDArray[(int) in[1].size(1)];
        for (int j = 0; j < channels.length; j++) {
            channels[j] = column(COMPRESS.forward(column(in[0]), weights(in[1], j))[0]);
        }
        return new INDArray[] {Nd4j.concat(3, channels)};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        INDArray dE = Nd4j.zeros(in[0].dataType(), in[0].shape());
        INDArray dW = Nd4j.zeros(in[1].dataType(), in[1].shape());
        for (int j = 0; j < in[1].size(1); j++) {
            INDArray u =
                    upstream[0].get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(j));
            INDArray[] d = COMPRESS.backward(new INDArray[] {column(in[0]), weights(in[1], j)}, new INDArray[] {u});
            dE.addi(d[0].reshape(dE.shape()));
            weights(dW, j).assign(d[1]);
        }
        return new INDArray[] {dE, dW};
    }

    /** As a state of one channel, [B, T, d, 1]. */
    private static INDArray column(INDArray e) {
        return e.dup('c').reshape(e.size(0), e.size(1), e.size(2), 1);
    }

    /** What goes into value channel j, [K, 1, d]; a view. */
    private static INDArray weights(INDArray W, int j) {
        return W.get(NDArrayIndex.all(), NDArrayIndex.interval(j, j + 1), NDArrayIndex.all());
    }
}
