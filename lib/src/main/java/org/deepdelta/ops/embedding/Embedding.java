package org.deepdelta.ops.embedding;

import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Token embedding: row {@code ids[b, t]} of a table.
 *
 * <p>Shapes: table {@code [V, d]}, ids I32 {@code [B, T]} with 0 &lt;= id &lt; V, result {@code [B, T, d]}. The gradient of a row is the sum
 * over all its occurrences, in the order of the ids.
 */
public record Embedding() implements Op {

    /**
     * The rows of {@code table} named by {@code ids}.
     *
     * @throws IndexOutOfBoundsException naming the position, if an id is no row of the table
     */
    public static Tensor apply(Tape t, Tensor table, Tensor ids) {
        return t.apply(new Embedding(), table, ids);
    }

    @Override
    public String name() {
        return "embedding";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        in[0].expect("embedding: table", -1, -1);
        if (in[1].type() != DType.I32) {
            throw new IllegalArgumentException("embedding: ids: expected I32, got " + in[1].spec());
        }
        return new Spec[] {
            Spec.of(in[0].type(), in[1].shape().plus(in[0].shape().axis(1)))
        };
    }

    @Override
    public Reference reference() {
        return new EmbeddingReference();
    }

    @Override
    public Kernel cpu() {
        return new EmbeddingKernel();
    }

    @Override
    public Kernel cuda() {
        return new EmbeddingCuda();
    }

    /** The exception for an id outside the table. */
    static IndexOutOfBoundsException outside(long position, int id, long vocabulary) {
        return new IndexOutOfBoundsException(
                "embedding: id " + id + " at position " + position + ": expected 0 to " + (vocabulary - 1));
    }
}
