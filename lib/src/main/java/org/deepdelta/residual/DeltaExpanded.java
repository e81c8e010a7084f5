package org.deepdelta.residual;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.nn.Parameters;
import org.deepdelta.nn.RmsNorm;
import org.deepdelta.ops.expand.Expand;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * DDL with an expanded state (Sec. 2.2 and 3.2): X is d x dv a token, compressed to width d for each sublayer and rewritten along one direction
 * with what it gives back. One compressor a block serves both of its sublayers, and the readout has its own, as in the authors' code.
 */
public final class DeltaExpanded implements ResidualStream {

    /**
     * The shape of the rule.
     *
     * @param delta direction, gates, value
     * @param dv value channels
     * @param compression along time (TC) or along the channels (CC)
     * @param embeddingKernel K_e, taps of the embedding convolution (EC); 0 repeats the embedding over the channels
     * @param start of the compressors
     */
    public record Config(
            DeltaConfig delta, int dv, Compression compression, int embeddingKernel, Compressor.Start start) {
        /** Checks the sizes. */
        public Config {
            if (dv < 1 || embeddingKernel < 0) {
                throw new IllegalArgumentException("expanded state: expected dv >= 1 and embedding kernel >= 0, got "
                        + dv + " and " + embeddingKernel);
            }
            if (compression instanceof Compression.Direct && start.read() != null) {
                throw new IllegalArgumentException("expanded state: read=" + start.read()
                        + ": expected none where the compressor has no read vector (channels=direct)");
            }
        }
    }

    /**
     * Found by name: {@code ddl_tc}, {@code ddl_tc_ec}, {@code ddl_cc}, {@code ddl_cc_ec}. Options beside those of {@link DeltaConfig}:
     * {@code dv} (4), {@code kernel} (TC: taps, 4), {@code channels} (CC: {@code same}, {@code causal} or {@code direct}),
     * {@code embedding_kernel} (EC: taps, 4), {@code read} (start of the read vectors, {@code none} for 1 / dv), {@code compressor} (its
     * kernel's start, {@code random} or {@code mean}).
     */
    public static final class Named implements Provider {

        /** For ServiceLoader. */
        public Named() {}

        @Override
        public List<String> names() {
            return List.of("ddl_tc", "ddl_tc_ec", "ddl_cc", "ddl_cc_ec");
        }

        @Override
        public ResidualStream create(String name, Map<String, String> options) {
            NamedOptions o = new NamedOptions(name, options);
            DeltaConfig delta = DeltaConfig.read(o);
            int dv = o.integer("dv", 4, 1);
            Compression compression = name.startsWith("ddl_tc")
                    ? new Compression.Tokens(o.integer("kernel", TAPS, 1))
                    : channels(o.choice(
                            "channels",
                            "paper".equals(o.given().get("preset")) ? "direct" : "same",
                            List.of("same", "causal", "direct")));
            int taps = name.endsWith("_ec") ? o.integer("embedding_kernel", TAPS, 1) : 0;
            Compressor.Start start = new Compressor.Start(
                    o.numberOrNone("read", null),
                    o.choice("compressor", "random", List.of("random", "mean")).equals("mean"));
            o.done();
            return new DeltaExpanded(new Config(delta, dv, compression, taps, start));
        }

        private static Compression channels(String word) {
            return word.equals("direct") ? new Compression.Direct() : new Compression.Channels(word.equals("causal"));
        }

        private static String word(Compression compression) {
            return compression instanceof Compression.Channels c ? c.causal() ? "causal" : "same" : "direct";
        }
    }

    private static final int TAPS = 4;

    private final String name;
    private final Config config;
    private DeltaBranches[] branches;
    private Compressor[] compressors;
    private EmbeddingConvolution embedding;
    private int width;

    /** The rule of that shape. */
    public DeltaExpanded(Config config) {
        this.config = config;
        this.name = "ddl_" + (config.compression() instanceof Compression.Tokens ? "tc" : "cc")
                + (config.embeddingKernel() > 0 ? "_ec" : "");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String describe() {
        Map<String, Object> options = new LinkedHashMap<>();
        config.delta().write(options);
        options.put("dv", config.dv());
        if (config.compression() instanceof Compression.Tokens tokens) {
            options.put("kernel", tokens.kernel());
        } else {
            options.put("channels", Named.word(config.compression()));
        }
        if (config.embeddingKernel() > 0) {
            options.put("embedding_kernel", config.embeddingKernel());
        }
        options.put("read", config.start().read());
        if (config.start().mean()) {
            options.put("compressor", "mean");
        }
        return NamedOptions.spec(name, options);
    }

    @Override
    public void declare(Parameters p, Dimensions dimensions) {
        width = dimensions.width();
        double std = dimensions.std();
        branches = new DeltaBranches[dimensions.readout()];
        compressors = new Compressor[dimensions.readout() + 1];
        for (int s = 0; s < branches.length; s++) {
            String block = dimensions.block(s);
            branches[s] = new DeltaBranches(
                    p, block + (s % 2 == 0 ? "ddl_attn." : "ddl_mlp."), config.delta(), width, config.dv(), std);
            compressors[s] = s % 2 == 1 ? compressors[s - 1] : compressor(p, block + "compress.", std);
        }
        compressors[branches.length] = compressor(p, "readout.", std);
        embedding = config.embeddingKernel() == 0
                ? null
                : new EmbeddingConvolution(p, "input_embed.", width, config.dv(), config.embeddingKernel());
    }

    private Compressor compressor(Parameters p, String prefix, double std) {
        return new Compressor(p, prefix, config.compression(), width, config.dv(), std, config.start());
    }

    @Override
    public Tensor expand(Tape t, Tensor embedded) {
        return embedding == null
                ? Expand.apply(t, embedded, t.constant(embedded.type(), Shape.of(1, config.dv(), width), 1))
                : embedding.apply(t, embedded);
    }

    @Override
    public Tensor compress(Tape t, int s, Tensor state) {
        return compressors[s].apply(t, state);
    }

    @Override
    public Tensor rewrite(Tape t, int s, Read r, Tensor h) {
        return branches[s].rewrite(t, s, r, h);
    }

    @Override
    public Read step(Tape t, int s, Read r, Tensor h, int next, RmsNorm norm) {
        Compressor compressor = compressors[next];
        if (t.isWatching() || (t.isGenerating() && compressor.before() > 0)) {
            return ResidualStream.super.step(t, s, r, h, next, norm);
        }
        return branches[s].step(t, s, r, h, compressor.weight(t), norm);
    }

    @Override
    public double flops(Dimensions dimensions) {
        double sum = 2.0 * Math.max(1, config.embeddingKernel()) * config.dv() * width;
        for (int s = 0; s < branches.length; s++) {
            sum += branches[s].flops() + compressors[s].flops();
        }
        return sum + compressors[branches.length].flops();
    }
}
