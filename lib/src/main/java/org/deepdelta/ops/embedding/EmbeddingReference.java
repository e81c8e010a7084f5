package org.deepdelta.ops.embedding;

import java.util.Arrays;
import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** y[b, t] = E[ids[b, t]], and dE[i] = sum of U[b, t] over all positions that hold i. */
final class EmbeddingReference implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray table = in[0];
        int[] ids = ids(in[1], table.size(0));
        long[] shape = Arrays.copyOf(in[1].shape(), in[1].rank() + 1);
        shape[in[1].rank()] = table.size(1);
        return new INDArray[] {Nd4j.pullRows(table, 1, ids).reshape(shape)};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        int[] ids = ids(in[1], in[0].size(0));
        INDArray u = upstream[0].reshape(ids.length, in[0].size(1));
        INDArray gradient = Nd4j.zeros(in[0].dataType(), in[0].shape());
        for (int i = 0; i < ids.length; i++) {
            gradient.getRow(ids[i]).addi(u.getRow(i));
        }
        return new INDArray[] {gradient, null};
    }

    private static int[] ids(INDArray array, long vocabulary) {
        int[] ids = array.dup('c').data().asInt();
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabulary) {
                throw Embedding.outside(i, ids[i], vocabulary);
            }
        }
        return ids;
    }
}
