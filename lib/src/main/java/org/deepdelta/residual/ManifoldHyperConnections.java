package org.deepdelta.residual;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deepdelta.nn.Init;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.nn.Parameters;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.ops.sinkhorn.Sinkhorn;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Manifold-constrained Hyper-Connections (Xie et al. 2025): {@link HyperConnections} whose mixing matrix is (nearly) doubly stochastic, so
 * that what the streams hold in sum is neither blown up nor lost over depth. Per token, with G the normalised streams, without tanh:
 *
 * <pre>
 *   Z      = A + [s_pre | s_res 1'] * (G W)     n x (1 + n)        A starts at [e_k0 | c I], W at 0
 *   H_pre  = sigmoid(Z[:,0])                    H_res = SK(Z[:,1:])
 *   b      = 2 sigmoid(b0 + s_post G w_b)                          b0 starts at ones, w_b at 0; all three s at 0.01
 *   u      = H_pre'H                            H' = H_res'H + b y'
 * </pre>
 *
 * with SK of {@link Sinkhorn}, columns first and rows last: rows sum to one, which preserves the sum of the streams, columns nearly. The
 * streams start as n copies of the embedding; the readout is their sum.
 *
 * <p>Two ways to the coefficients. Per stream (the default, {@code mhc}): row s of Z and b comes from g_s with weights that all streams
 * share, as in a public implementation. Flattened ({@code mhc_flat}): all of Z and b come from the n d numbers of g = sqrt(n d) vec(H) /
 * |H| * (1 + gamma), as in the paper; gamma then has n d entries, W n (1 + n) rows of n d, w_b n rows.
 *
 * <p>With c = 1, as in the text, H_res starts at 0.475 on the diagonal and 0.175 off it for n = 4: not the identity, and the rule does not
 * start as the additive one. c = 6 gives 0.993 and 0.002; away from the start the columns are then further from one (in a test with random
 * parameters by up to 0.006, against 1e-13 with c = 1).
 *
 * <p>Weight decay leaves A and b0 alone, matrices though they are: it would pull A off its start. W and w_b decay. The norm has a guard of
 * 1e-12 beside the mean square.
 *
 * <p>Parameters of a sublayer, such as {@code transformer.h.0.mhc_attn.}: {@code gamma}; {@code read} (A's first column), {@code mix} (the
 * others), {@code write} (b0), each with {@code _weight} (stored transposed; flattened: row j n + i gives entry (j, i)) and {@code _scale}
 * (s_pre, s_res, s_post).
 */
public final class ManifoldHyperConnections implements StreamRule {
    /** Of a starting value by name: its exponential is a float, and so is its inverse. */
    private static final double LARGEST = 80;

    /**
     * What the parameters start at; the weights start at zero.
     *
     * @param read entry k0 of A's first column; the others start at 0
     * @param logits c, the diagonal of A's other columns
     * @param write b0
     * @param scale s_pre, s_res and s_post
     */
    public record Start(double read, double logits, double write, double scale) {

        /** As in the text: ones, and scales of 0.01. */
        public static Start text() {
            return new Start(1, 1, 1, 0.01);
        }

        /** The same with another diagonal c. */
        public Start withLogits(double c) {
            return new Start(read, c, write, scale);
        }
    }

    /**
     * What the rule is made with.
     *
     * @param streams n
     * @param flattened whether the coefficients come from all streams at once, or from each stream on its own
     * @param rounds of normalising columns, then rows
     * @param start what the parameters start at
     */
    public record Config(int streams, boolean flattened, int rounds, Start start) {
        /** Checks the ranges. */
        public Config {
            if (streams < 1 || rounds < 1) {
                throw new IllegalArgumentException(
                        "mhc: streams, rounds: expected at least 1, got " + streams + " and " + rounds);
            }
        }

        /** Four streams, coefficients per stream, 20 rounds, {@link Start#text}. */
        public static Config perStream() {
            return new Config(4, false, 20, Start.text());
        }

        /** The same with coefficients from the flattened state. */
        public static Config ofFlattened() {
            return new Config(4, true, 20, Start.text());
        }

        /** The same with other starting values. */
        public Config with(Start other) {
            return new Config(streams, flattened, rounds, other);
        }
    }

    /**
     * Found by name: {@code mhc} (per stream) and {@code mhc_flat}; options {@code streams} (4), {@code rounds} (20) and the starts
     * {@code read} (1), {@code logits} (c, 1), {@code write} (1), {@code scale} (0.01).
     */
    public static final class Named implements Provider {

        /** For ServiceLoader. */
        public Named() {}

        @Override
        public List<String> names() {
            return List.of("mhc", "mhc_flat");
        }

        @Override
        public ResidualStream create(String name, Map<String, String> options) {
            NamedOptions o = new NamedOptions(name, options);
            Config paper = name.equals("mhc") ? Config.perStream() : Config.ofFlattened();
            Start text = paper.start();
            Config config = new Config(
                    o.integer("streams", paper.streams(), 1),
                    paper.flattened(),
                    o.integer("rounds", paper.rounds(), 1),
                    new Start(
                            number(o, "read", text.read()),
                            number(o, "logits", text.logits()),
                            number(o, "write", text.write()),
                            number(o, "scale", text.scale())));
            o.done();
            return new ManifoldHyperConnections(config);
        }

        private static double number(NamedOptions o, String key, double otherwise) {
            return o.number(key, otherwise, -LARGEST, LARGEST);
        }
    }

    private final Config config;
    private StreamConnection[] connections;

    /** The rule. */
    public ManifoldHyperConnections(Config config) {
        this.config = config;
    }

    @Override
    public String name() {
        return config.flattened() ? "mhc_flat" : "mhc";
    }

    @Override
    public String describe() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("streams", config.streams());
        options.put("rounds", config.rounds());
        options.put("read", config.start().read());
        options.put("logits", config.start().logits());
        options.put("write", config.start().write());
        options.put("scale", config.start().scale());
        return NamedOptions.spec(name(), options);
    }

    @Override
    public void declare(Parameters p, Dimensions dimensions) {
        connections = StreamConnection.ofAll(
                dimensions, "mhc", config.streams(), (prefix, k0) -> connection(p, prefix, k0, dimensions.width()));
    }

    private StreamConnection connection(Parameters p, String prefix, int stream, int width) {
        int n = config.streams();
        Start start = config.start();
        long inputs = config.flattened() ? (long) n * width : width;
        return new StreamConnection(
                p.declare(prefix + "gamma", Init.constant(0), inputs),
                branch(p, prefix + "read", StreamBranch.unit(stream, start.read()), inputs, n),
                branch(p, prefix + "mix", StreamBranch.identity(n, start.logits()), inputs, n, n),
                branch(p, prefix + "write", Init.constant(start.write()), inputs, n));
    }

    private StreamBranch branch(Parameters p, String name, Init init, long inputs, long... sizes) {
        long columns = sizes.length == 1 ? 1 : sizes[1];
        return new StreamBranch(
                StreamBranch.start(p, name, init, sizes),
                StreamBranch.weight(p, name, config.flattened() ? sizes[0] * columns : columns, inputs),
                StreamBranch.scale(p, name, config.start().scale()));
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
        if (config.flattened()) {
            return flattened(t, own, streams);
        }
        Tensor g = own.normalised(t, streams);
        return constrained(
                t, own.read().linear(t, g), own.mix().linear(t, g), own.write().linear(t, g));
    }

    /** All logits in one product. */
    private Coefficients flattened(Tape t, StreamConnection own, Tensor streams) {
        Shape h = streams.shape();
        long n = h.axis(2);
        Tensor g = own.normalised(t, t.reshape(streams, h.axis(0), h.axis(1), n * h.axis(3)));
        Tensor weight = t.concat(
                0,
                own.read().scaledWeight(t),
                own.mix().scaledWeight(t),
                own.write().scaledWeight(t));
        Tensor z = Linear.apply(
                t,
                g,
                weight,
                t.concat(0, own.read().row(t), own.mix().row(t), own.write().row(t)));
        return constrained(t, part(t, z, 0, n, 1), part(t, z, n, n, n), part(t, z, n + n * n, n, 1));
    }

    /** n k entries of every row from {@code from} on, {@code [B, T, n, k]}. */
    private static Tensor part(Tape t, Tensor z, long from, long n, long k) {
        return t.reshape(
                t.slice(z, -1, from, from + n * k), z.shape().axis(0), z.shape().axis(1), n, k);
    }

    private Coefficients constrained(Tape t, Tensor read, Tensor mix, Tensor write) {
        return new Coefficients(t.sigmoid(read), Sinkhorn.apply(t, mix, config.rounds()), t.scale(t.sigmoid(write), 2));
    }

    /** 2 n d (n + 2) a sublayer, as much again for the coefficients (n times as much if flattened), 2 n d each to expand and to sum. */
    @Override
    public double flops(Dimensions dimensions) {
        double n = config.streams();
        double product = 2 * n * (n + 2) * dimensions.width();
        return dimensions.readout() * (1 + (config.flattened() ? n : 1)) * product + 4 * n * dimensions.width();
    }
}
