package org.deepdelta.ops.compress;

import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** One tap at a time: the states of {@code lag} tokens before, weighted feature by feature and summed over the value channels. */
record CompressReference() implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray X = in[0];
        INDArray W = in[1].permute(0, 2, 1).dup('c'); // [K, d, dv]
        INDArray x = Nd4j.zeros(X.dataType(), X.size(0), X.size(1), X.size(2), 1);
        for (long lag = 0; lag < Math.min(W.size(0), X.size(1)); lag++) {
            late(x, lag).addi(early(X, lag).mul(tap(W, lag)).sum(true, 3));
        }
        return new INDArray[] {x.reshape(X.size(0), X.size(1), X.size(2))};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        INDArray X = in[0];
        INDArray W = in[1].permute(0, 2, 1).dup('c');
        INDArray u = upstream[0].dup('c').reshape(X.size(0), X.size(1), X.size(2), 1);
        INDArray dX = Nd4j.zeros(X.dataType(), X.shape());
        INDArray dW = Nd4j.zeros(W.dataType(), W.shape());
        for (long lag = 0; lag < Math.min(W.size(0), X.size(1)); lag++) {
            early(dX, lag).addi(late(u, lag).mul(tap(W, lag)));
            tap(dW, lag).addi(early(X, lag).mul(late(u, lag)).sum(true, 0, 1));
        }
        return new INDArray[] {dX, dW.permute(0, 2, 1)};
    }

    /** The weights of {@code lag} tokens before, as [1, 1, d, dv]; a view. */
    private static INDArray tap(INDArray W, long lag) {
        INDArray taps = W.reshape(1, W.size(0), W.size(1), W.size(2));
        return taps.get(time(W.size(0) - 1 - lag, W.size(0) - lag));
    }

    /** All tokens but the last {@code lag}. */
    private static INDArray early(INDArray x, long lag) {
        return x.get(time(0, x.size(1) - lag));
    }

    /** All tokens but the first {@code lag}. */
    private static INDArray late(INDArray x, long lag) {
        return x.get(time(lag, x.size(1)));
    }

    private static INDArrayIndex[] time(long from, long to) {
        return new INDArrayIndex[] {
            NDArrayIndex.all(), NDArrayIndex.interval(from, to), NDArrayIndex.all(), NDArrayIndex.all()
        };
    }
}
