package org.deepdelta.model;

import java.util.Map;
import java.util.stream.IntStream;
import org.deepdelta.nn.Init;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.nn.RmsNorm;
import org.deepdelta.ops.crossentropy.CrossEntropy;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * A deep residual network that is not a Transformer: L general DDL blocks over a state X in R^(d x dv), a vector if dv = 1, as the paper's
 * first version (January 2026) describes them; and its controls ({@link DeltaNetworkConfig.Rule}).
 *
 * <pre>
 *   x  = ids / (levels - 1)                            the features, in [0, 1]
 *   X0 = W x + b                                       [d, dv]
 *   c  = RMSNorm(X r)                                  pooled: r weighs the columns; X itself if dv = 1
 *   k  = K(c) / sqrt(|K(c)|^2 + eps^2)                 Sec. 2.1
 *   v  = V(c)       beta = 2 sigmoid(B(c))
 *   X' = X + beta k (v' - k'X)                         Eq. (2.2), L times
 *   logits = W RMSNorm(X) + b                          of the whole state
 * </pre>
 *
 * <p>The paper describes the generators K, V, B and does not fix them. That they are W2 tanh(W1 c + b1) + b2, what they read, how X0 is
 * made and how the classifier reads the state is our choice. So are the starting values: matrices N(0, 1 / inputs), biases 0, the gate at
 * {@code gateStart}, r the mean; the second matrix of the additive control is smaller by sqrt(L), as is usual for sums of L terms.
 *
 * <p>A row of ids is one example; its class is the target of the row's first position. Watched (see {@link Tape#watch}): {@code X.l} for
 * l = 0 to L, and {@code block.l.beta}, {@code block.l.k}, {@code block.l.v}.
 */
public final class DeltaNetwork {
    private static final double NORM_EPS = 1e-5;

    private final DeltaNetworkConfig config;
    private final Parameters parameters = new Parameters();
    private final Tensor scale;
    private final Parameter embedding;
    private final Parameter embeddingBias;
    private final GeneralBlock[] blocks;
    private final RmsNorm norm;
    private final Parameter classifier;
    private final Parameter classifierBias;

    /** Declares the network, places it on a device and initialises it under a seed. */
    public DeltaNetwork(DeltaNetworkConfig config, Device device, DType type, long seed) {
        this.config = config;
        int size = Math.multiplyExact(config.d(), config.dv());
        Init fromFeatures = Init.normal(1 / Math.sqrt(config.features()));
        embedding = parameters.declare("embed.weight", fromFeatures, size, config.features());
        embeddingBias = parameters.declare("embed.bias", Init.constant(0), size);
        blocks = IntStream.range(0, config.depth())
                .mapToObj(l -> new GeneralBlock(parameters, l, config))
                .toArray(GeneralBlock[]::new);
        norm = RmsNorm.declare(parameters, "norm", size, NORM_EPS);
        classifier = parameters.declare("head.weight", Init.normal(1 / Math.sqrt(size)), config.classes(), size);
        classifierBias = parameters.declare("head.bias", Init.constant(0), config.classes());
        parameters.place(device, type).initialise(seed);
        double last = Math.max(1, config.levels() - 1);
        scale = device.allocate(Spec.of(type, Shape.of(config.levels(), 1)))
                .set(IntStream.range(0, config.levels())
                        .mapToDouble(i -> i / last)
                        .toArray());
    }

    /** The sizes and the rule. */
    public DeltaNetworkConfig config() {
        return config;
    }

    /** Every trained number. */
    public Parameters parameters() {
        return parameters;
    }

    /** What a checkpoint holds. */
    public Map<String, Tensor> state() {
        return parameters.named();
    }

    /**
     * Logits {@code [B, 1, classes]}.
     *
     * @param ids I32 {@code [B, features]}
     * @throws IllegalArgumentException for ids of another shape
     * @throws IndexOutOfBoundsException for an id that is no level
     */
    public Tensor logits(Tape t, Tensor ids) {
        ids.expect("network: ids", -1, config.features());
        long rows = ids.shape().axis(0);
        Tensor x = t.reshape(t.gather(scale, ids), rows, 1, config.features());
        Tensor X = Linear.apply(t, x, embedding.value(), embeddingBias.value());
        X = t.watch("X.0", t.reshape(X, rows, 1, config.d(), config.dv()));
        for (int l = 0; l < blocks.length; l++) {
            X = t.watch("X." + (l + 1), blocks[l].apply(t, X));
        }
        Tensor whole = t.reshape(X, rows, 1, (long) config.d() * config.dv());
        return t.watch("logits", Linear.apply(t, norm.apply(t, whole), classifier.value(), classifierBias.value()));
    }

    /**
     * Mean cross entropy in nats, the sum over this batch divided by {@code count}.
     *
     * @param targets I32 {@code [B, features]}: the class in a row's first position (-1: the row does not count), the others are not read
     */
    public Tensor loss(Tape t, Tensor ids, Tensor targets, double count) {
        targets.expect("network: targets", ids.shape().axis(0), config.features());
        return CrossEntropy.apply(t, logits(t, ids), t.slice(targets, 1, 0, 1), count);
    }

    /** The most likely class of each row; of several, the first. */
    public int[] classify(Tape t, Tensor ids) {
        double[] logits = logits(t, ids).toDoubles();
        int[] classes = new int[logits.length / config.classes()];
        for (int i = 0; i < logits.length; i++) {
            int row = i / config.classes();
            if (logits[i] > logits[row * config.classes() + classes[row]]) {
                classes[row] = i % config.classes();
            }
        }
        return classes;
    }
}
