package org.deepdelta.residual;

import java.util.List;
import java.util.Map;
import org.deepdelta.nn.Init;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Hyper-Connections (Zhu et al. 2025): the state is n streams H {@code [B, T, n, d]}, which each sublayer F reads as one and writes to all.
 * Per token, with rows h_s of H and k0 = sublayer mod n:
 *
 * <pre>
 *   g_s   = sqrt(d) h_s / |h_s| * (1 + gamma)                      gamma starts at 0
 *   alpha = A + s_a tanh(G W_a)       n x (1 + n)                  A starts at [e_k0 | I], W_a at 0, s_a at 0.01
 *   b     = b0 + s_b tanh(G w_b)      n                            b0 starts at ones, w_b at 0, s_b at 0.01
 *   u  = alpha[:,0]'H                 y = F(norm(u))
 *   H' = alpha[:,1:]'H + b y'
 * </pre>
 *
 * The static form drops the tanh terms. The streams start as n copies of the embedding; the readout is their sum. At its start the rule is
 * the additive one: every stream is its state. That holds for the logits too, but for the eps of the final norm, which stands beside n^2
 * times the mean square.
 *
 * <p>Weight decay leaves A and b0 alone, matrices though they are: it would pull A off the identity. W_a and w_b decay. The norm of a
 * stream has a guard of 1e-12 beside its mean square, for a stream that is zero; it changes no digit otherwise.
 *
 * <p>Parameters of a sublayer, such as {@code transformer.h.0.hc_attn.}: {@code gamma}; A's columns as {@code read} and {@code mix}, W_a's
 * as {@code read_weight} and {@code mix_weight} (stored transposed), {@code alpha_scale}; {@code write}, {@code write_weight}, {@code
 * beta_scale}. For n = 4 and d = 768 these are 5,402 numbers.
 */
public final class HyperConnections implements StreamRule {
    private static final double SCALE = 0.01;

    /**
     * What the rule is made with.
     *
     * @param streams n; the paper's 4 if not chosen
     * @param dynamic whether the coefficients depend on the token
     */
    public record Config(int streams, boolean dynamic) {
        /** Checks the range. */
        public Config {
            if (streams < 1) {
                throw new IllegalArgumentException("hc: streams: expected at least 1, got " + streams);
            }
        }

        /** Four streams, coefficients that depend on the token. */
        public static Config paper() {
            return new Config(4, true);
        }
    }

    /** Found by name: {@code hc} and {@code hc_static}; option {@code streams} (4). */
    public static final class Named implements Provider {

        /** For ServiceLoader. */
        public Named() {}

        @Override
        public List<String> names() {
            return List.of("hc", "hc_static");
        }

        @Override
        public ResidualStream create(String name, Map<String, String> options) {
            NamedOptions o = new NamedOptions(name, options);
            Config config = new Config(o.integer("streams", Config.paper().streams(), 1), name.equals("hc"));
            o.done();
            return new HyperConnections(config);
        }
    }

    private final Config config;
    private StreamConnection[] connections;

    /** The rule. */
    public HyperConnections(Config config) {
        this.config = config;
    }

    @Override
    public String name() {
        return config.dynamic() ? "hc" : "hc_static";
    }

    @Override
    public String describe() {
        return NamedOptions.spec(name(), Map.of("streams", config.streams()));
    }

    @Override
    public void declare(Parameters p, Dimensions dimensions) {
        connections = StreamConnection.ofAll(
                dimensions, "hc", config.streams(), (prefix, k0) -> connection(p, prefix, k0, dimensions.width()));
    }

    private StreamConnection connection(Parameters p, String prefix, int stream, int width) {
        int n = config.streams();
        Parameter read = StreamBranch.start(p, prefix + "read", StreamBranch.unit(stream, 1), n);
        Parameter mix = StreamBranch.start(p, prefix + "mix", StreamBranch.identity(n, 1), n, n);
        Parameter write = StreamBranch.start(p, prefix + "write", Init.constant(1), n);
        if (!config.dynamic()) {
            return new StreamConnection(
                    null,
                    new StreamBranch(read, null, null),
                    new StreamBranch(mix, null, null),
                    new StreamBranch(write, null, null));
        }
        Parameter alpha = StreamBranch.scale(p, prefix + "alpha", SCALE);
        Parameter beta = StreamBranch.scale(p, prefix + "beta", SCALE);
        return new StreamConnection(
                p.declare(prefix + "gamma", Init.constant(0), width),
                new StreamBranch(read, StreamBranch.weight(p, prefix + "read", 1, width), alpha),
                new StreamBranch(mix, StreamBranch.weight(p, prefix + "mix", n, width), alpha),
                new StreamBranch(write, StreamBranch.weight(p, prefix + "write", 1, width), beta));
    }

    @Override
    public int streams() {
        return config.streams();
    }

    @Override
    public int sublayers() {
        return connections.length;
    }

    @Override
    public Coefficients coefficients(Tape t, int s, Tensor streams) {
        StreamConnection own = connections[s];
        if (!config.dynamic()) {
            return new Coefficients(
                    own.read().fixed(t), own.mix().fixed(t), own.write().fixed(t));
        }
        Tensor g = own.normalised(t, streams);
        return new Coefficients(
                own.read().bounded(t, g), own.mix().bounded(t, g), own.write().bounded(t, g));
    }

    /** 2 n d (n + 2) a sublayer, as much again for the dynamic coefficients, 2 n d each to expand and to sum. */
    @Override
    public double flops(Dimensions dimensions) {
        double n = config.streams();
        double product = 2 * n * (n + 2) * dimensions.width();
        return dimensions.readout() * (config.dynamic() ? 2 : 1) * product + 4 * n * dimensions.width();
    }
}
