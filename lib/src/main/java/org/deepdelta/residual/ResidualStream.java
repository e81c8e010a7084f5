package org.deepdelta.residual;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.nn.Parameters;
import org.deepdelta.nn.RmsNorm;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * The residual connection as a design choice: how a token's state is opened, read by each sublayer, and rewritten with what the sublayer
 * gives back. A Transformer of L blocks is the same for all rules:
 *
 * <pre>
 *   r = residual.open(t, embedding, norm(0))
 *   for s in 0 .. 2L-1:
 *       h = F(s, r.c)
 *       r = residual.step(t, s, r, h, s+1, norm(s+1))
 *   logits = r.c E'
 * </pre>
 *
 * where sublayer s is attention (even) or MLP (odd), 2L is the readout, and {@code next} is s+1 except where a weight-tied stack begins
 * its next round. A rule holds parameters, never activations: what text generation has to remember hangs on the tape
 * ({@link Tape#causal}). To add one, implement {@link #name}, {@link #declare} and {@link #rewrite}, and where the state is more than a vector
 * {@link #expand} and {@link #compress}; {@link #read} is overridden by rules whose reading computes what their writing needs, {@link #step} is the seam for fused kernels.
 */
public interface ResidualStream {

    /** The sizes that a rule needs to declare its parameters. */
    record Dimensions(int layers, int width, double std) {

        /** The readout's index: one past the last sublayer. */
        public int readout() {
            return 2 * layers;
        }

        /** The authors' name of the block that sublayer s belongs to, such as {@code transformer.h.0.}. */
        public String block(int s) {
            return "transformer.h." + s / 2 + ".";
        }
    }

    /** Makes rules from a configuration; listed for {@link ServiceLoader} under this interface's name. */
    interface Provider {

        /** The names of the rules that it makes. */
        List<String> names();

        /**
         * Makes a rule.
         *
         * @param name one of {@link #names}
         * @param options such as {@code preset=paper}; one that the rule does not know is refused
         * @throws IllegalArgumentException naming the option, its value and what is allowed
         */
        ResidualStream create(String name, Map<String, String> options);
    }

    /**
     * The rule that a line of text describes: its name, or {@code name:option=value,option=value}, for configurations; code passes an object
     * instead.
     *
     * @throws IllegalArgumentException if no rule has this name, listing those that there are, or for a wrong option
     */
    static ResidualStream of(String spec) {
        NamedOptions line = NamedOptions.parse("rule", spec);
        return line.of(
                        "rule",
                        ServiceLoader.load(Provider.class, ResidualStream.class.getClassLoader()),
                        Provider::names)
                .create(line.name(), line.given());
    }

    /** The name in configurations and reports. */
    String name();

    /**
     * The name and everything that the rule was made with, for a rule with a {@link Provider} in the form that {@link #of} reads: rules that
     * describe themselves alike compute alike.
     */
    default String describe() {
        return name();
    }

    /** Declares the rule's parameters; called once, by the model that takes it. */
    void declare(Parameters p, Dimensions dimensions);

    /** X_0 from the embedding {@code [B, T, d]}; the embedding itself, where nothing else is said. */
    default Tensor expand(Tape t, Tensor embedding) {
        return embedding;
    }

    /** x = what sublayer s (2L: the readout) reads of the state, {@code [B, T, d]}; the state itself, where nothing else is said. */
    default Tensor compress(Tape t, int s, Tensor state) {
        return state;
    }

    /** X' from the state and the sublayer's output h {@code [B, T, d]}. */
    Tensor rewrite(Tape t, int s, Read r, Tensor h);

    /**
     * FLOPs a token of the rule alone, forward, counting what {@link org.deepdelta.tensor.Op#flops} counts; the backward pass takes twice as
     * many. NaN for a rule that states none: then they are counted on a run.
     *
     * @param dimensions of the model
     */
    default double flops(Dimensions dimensions) {
        return Double.NaN;
    }

    /** The first read. */
    default Read open(Tape t, Tensor embedding, RmsNorm norm) {
        return read(t, 0, expand(t, embedding), norm);
    }

    /** Rewrites, then compresses and normalises for the sublayer {@code next}. */
    default Read step(Tape t, int s, Read r, Tensor h, int next, RmsNorm norm) {
        return read(t, next, rewrite(t, s, r, h), norm);
    }

    /** Compresses and normalises. */
    default Read read(Tape t, int s, Tensor state, RmsNorm norm) {
        Tensor x = compress(t, s, state);
        return new Read(state, x, norm.apply(t, x));
    }
}
