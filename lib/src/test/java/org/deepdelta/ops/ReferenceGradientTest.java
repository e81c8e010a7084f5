package org.deepdelta.ops;

import java.util.function.BiFunction;
import org.deepdelta.ops.attention.Attention;
import org.deepdelta.ops.compress.Compress;
import org.deepdelta.ops.crossentropy.CrossEntropy;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.ops.embedding.Embedding;
import org.deepdelta.ops.expand.Expand;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.ops.rmsnorm.RmsNormalize;
import org.deepdelta.ops.rotary.Rotary;
import org.deepdelta.ops.sinkhorn.Sinkhorn;
import org.deepdelta.ops.streams.Streams;
import org.deepdelta.ops.swiglu.SwiGluGate;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Gradients;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every operation's reference: its backward pass against central differences of its forward pass. */
final class ReferenceGradientTest {

    private enum Case {
        LINEAR((t, x) -> Linear.apply(t, x[0], x[1], x[2]), Shape.of(2, 3, 4), Shape.of(5, 4), Shape.of(5)),
        EMBEDDING((t, x) -> Embedding.apply(t, x[0], ids(t, 0, 2, 2, 1, 2, 3)), Shape.of(4, 3)),
        RMSNORM((t, x) -> RmsNormalize.apply(t, x[0], x[1], 0.1), Shape.of(2, 3, 5), Shape.of(5)),
        ROTARY((t, x) -> rotary(1).apply(t, x[0], null, null), Shape.of(1, 3, 3, 6)),
        ROTARY_NORM((t, x) -> rotary(0.7).apply(t, x[0], x[1], x[2]), Shape.of(2, 3, 3, 6), Shape.of(6), Shape.of(6)),
        ATTENTION((t, x) -> Attention.apply(t, x[0], 2), Shape.of(2, 4, 6, 3)),
        ATTENTION_PAST((t, x) -> Attention.apply(t, x[0], x[1], 2), Shape.of(2, 3, 2, 3), Shape.of(2, 5, 4, 3)),
        SWIGLU((t, x) -> SwiGluGate.apply(t, x[0]), Shape.of(2, 3, 6)),
        DELTA_VECTOR(
                (t, x) -> Delta.rewrite(t, x[0], x[1], x[2], x[3], 1e-5),
                Shape.of(2, 3, 5),
                Shape.of(2, 3, 5),
                Shape.of(2, 3, 1),
                Shape.of(2, 3, 1)),
        DELTA_MATRIX(
                (t, x) -> Delta.rewrite(t, x[0], x[1], x[2], x[3], 0.5),
                Shape.of(2, 2, 5, 3),
                Shape.of(2, 2, 5),
                Shape.of(2, 2, 3),
                Shape.of(2, 2, 1)),
        DELTA_SEPARATE(
                (t, x) -> new Delta(0.5, Delta.Gates.SEPARATE).apply(t, x[0], x[1], x[2], x[3], x[4]),
                Shape.of(2, 2, 5, 3),
                Shape.of(2, 2, 5),
                Shape.of(2, 2, 3),
                Shape.of(2, 2, 1),
                Shape.of(2, 2, 1)),
        DELTA_WRITE(
                (t, x) -> new Delta(0.5, Delta.Gates.WRITE_ONLY).apply(t, x[0], x[1], x[2], x[3]),
                Shape.of(2, 2, 5, 3),
                Shape.of(2, 2, 5),
                Shape.of(2, 2, 3),
                Shape.of(2, 2, 1)),
        COMPRESS((t, x) -> Compress.apply(t, x[0], x[1]), Shape.of(2, 3, 5, 2), Shape.of(1, 2, 5)),
        COMPRESS_TOKENS((t, x) -> Compress.apply(t, x[0], x[1]), Shape.of(2, 5, 3, 2), Shape.of(3, 2, 3)),
        COMPRESS_SHORT((t, x) -> Compress.apply(t, x[0], x[1]), Shape.of(2, 1, 3, 2), Shape.of(4, 2, 3)),
        EXPAND((t, x) -> Expand.apply(t, x[0], x[1]), Shape.of(2, 5, 3), Shape.of(3, 2, 3)),
        EXPAND_SHORT((t, x) -> Expand.apply(t, x[0], x[1]), Shape.of(2, 2, 3), Shape.of(4, 2, 3)),
        STREAMS(
                (t, x) -> Streams.mix(t, x[0], x[1], x[2], x[3]),
                Shape.of(1, 3, 3, 4),
                Shape.of(1, 3, 3, 2),
                Shape.of(1, 3, 2, 1),
                Shape.of(1, 3, 4)),
        STREAMS_SHARED(
                (t, x) -> Streams.mix(t, x[0], x[1], x[2], x[3]),
                Shape.of(1, 3, 3, 4),
                Shape.of(3, 2),
                Shape.of(2, 1),
                Shape.of(1, 3, 4)),
        STREAMS_READ((t, x) -> Streams.mix(t, x[0], x[1]), Shape.of(1, 3, 3, 4), Shape.of(1, 3, 3, 1)),
        SINKHORN((t, x) -> Sinkhorn.apply(t, x[0], 20), Shape.of(2, 2, 4, 4)),
        SINKHORN_ONCE((t, x) -> Sinkhorn.apply(t, x[0], 1), Shape.of(2, 3, 3)),
        CROSS_ENTROPY((t, x) -> CrossEntropy.apply(t, x[0], ids(t, 1, -1, 4, 0, 2, 2), 5), Shape.of(1, 6, 5));

        private final BiFunction<Tape, Tensor[], Tensor> f;
        private final Shape[] shapes;

        Case(BiFunction<Tape, Tensor[], Tensor> f, Shape... shapes) {
            this.f = f;
            this.shapes = shapes;
        }

        private static Tensor ids(Tape t, int... ids) {
            return t.allocate(Spec.of(DType.I32, Shape.of(1, ids.length))).set(ids);
        }

        private static Rotary rotary(double ratio) {
            return new Rotary(1, 1, 100, ratio, 2, 1e-5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void backwardAgreesWithDifferences(Case c) {
        Gradients.check(c.name(), c.f, Gradients.random(5, c.shapes));
    }
}
