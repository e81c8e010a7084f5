package org.deepdelta.residual;

import java.util.stream.IntStream;
import org.deepdelta.nn.Parameter;
import org.deepdelta.ops.rmsnorm.RmsNormalize;
import org.deepdelta.residual.ResidualStream.Dimensions;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * A sublayer's parameters in a {@link StreamRule}.
 *
 * @param gamma added to 1, the weight of the norm that coefficients are computed from; null if they are static
 * @param read of {@code [n, 1]}
 * @param mix of {@code [n, n]}
 * @param write of {@code [n, 1]}
 */
record StreamConnection(Parameter gamma, StreamBranch read, StreamBranch mix, StreamBranch write) {
    /** Guards the norm of a stream that is zero. */
    private static final double EPS = 1e-12;

    /** Declares what one sublayer has. */
    interface Declaration {
        /** Under names that begin with the prefix; k0 is the stream that the sublayer reads at the start. */
        StreamConnection of(String prefix, int k0);
    }

    /** One for each sublayer s, in their order, named such as {@code transformer.h.0.hc_attn.}; k0 = s mod n. */
    static StreamConnection[] ofAll(Dimensions dimensions, String rule, int streams, Declaration declaration) {
        return IntStream.range(0, dimensions.readout())
                .mapToObj(s ->
                        declaration.of(dimensions.block(s) + rule + (s % 2 == 0 ? "_attn." : "_mlp."), s % streams))
                .toArray(StreamConnection[]::new);
    }

    /** Rows of length sqrt(d), weighted. */
    Tensor normalised(Tape t, Tensor h) {
        return RmsNormalize.apply(t, h, t.shift(gamma.value(), 1), EPS);
    }
}
