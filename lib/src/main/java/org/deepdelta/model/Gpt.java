package org.deepdelta.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.deepdelta.nn.CausalSelfAttention;
import org.deepdelta.nn.Init;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.nn.RmsNorm;
import org.deepdelta.nn.Sublayer;
import org.deepdelta.nn.SwiGlu;
import org.deepdelta.ops.crossentropy.CrossEntropy;
import org.deepdelta.ops.embedding.Embedding;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.residual.Read;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Safetensors;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * A decoder-only Transformer over any {@link ResidualStream} (Sec. 3 of the paper): the forward pass is the same for all rules. The
 * embedding is tied to the classifier; there are no biases outside the rules and no position embedding beside the rotary one.
 */
public final class Gpt {
    private static final String EMBEDDING = "transformer.wte.weight";
    private static final String CLASSIFIER = "lm_head.weight";

    private final GptConfig config;
    private final ResidualStream residual;
    private final Parameters parameters = new Parameters();
    private final Parameter embedding;
    private final Sublayer[] sublayers;
    private final RmsNorm[] norms;

    /** Declares the model, places it on a device and initialises it under a seed. */
    public Gpt(GptConfig config, ResidualStream residual, Device device, DType type, long seed) {
        this(config, residual);
        parameters.place(device, type).initialise(seed);
    }

    /** Declares the model alone: it has sizes and no numbers. */
    Gpt(GptConfig config, ResidualStream residual) {
        this.config = config;
        this.residual = residual;
        int last = 2 * config.layers();
        double std = config.hiddenFactor() / Math.sqrt(config.width());
        double outStd = std / Math.sqrt(config.layers());
        sublayers = new Sublayer[last];
        norms = new RmsNorm[last + 1];
        embedding =
                parameters.declare(EMBEDDING, Init.normal(config.embeddingStd()), config.vocabulary(), config.width());
        for (int s = 0; s < last; s++) {
            String block = "transformer.h." + s / 2 + ".";
            boolean attends = s % 2 == 0;
            sublayers[s] = attends
                    ? new CausalSelfAttention(parameters, block + "attn.", config.attention(), std, outStd)
                    : new SwiGlu(parameters, block + "mlp.", config.width(), config.hidden(), std, outStd);
            norms[s] =
                    RmsNorm.declare(parameters, block + (attends ? "ln_1" : "ln_2"), config.width(), config.normEps());
        }
        norms[last] = RmsNorm.declare(parameters, "ln_f", config.width(), config.normEps());
        residual.declare(parameters, dimensions());
    }

    /** What the rule was told to declare its parameters. */
    ResidualStream.Dimensions dimensions() {
        return new ResidualStream.Dimensions(
                config.layers(), config.width(), config.hiddenFactor() / Math.sqrt(config.width()));
    }

    /** How many trained numbers such a model has, the tied embedding counted once; takes no memory for them. */
    public static long count(GptConfig config, ResidualStream residual) {
        return new Gpt(config, residual).parameters.count();
    }

    /** The sizes. */
    public GptConfig config() {
        return config;
    }

    /** The residual rule. */
    public ResidualStream residual() {
        return residual;
    }

    /** Every trained number. */
    public Parameters parameters() {
        return parameters;
    }

    /**
     * What a checkpoint holds: every parameter under the authors' name, and the classifier, which is the embedding once more, under its
     * own.
     */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = parameters.named();
        state.put(CLASSIFIER, state.get(EMBEDDING));
        return state;
    }

    /** Writes {@link #state} to a safetensors file under the authors' names, for their code or {@link #load}. */
    public void save(Path file) throws IOException {
        Safetensors.write(file, state(), Map.of());
    }

    /**
     * Overwrites every parameter with those of a safetensors file under the authors' names, such as their code writes; F32 is widened where
     * this model is F64. The classifier may be left out, being the embedding.
     *
     * @return this model
     * @throws IOException naming file and tensor: one that is missing, unknown, of another shape or a type that this model cannot hold
     *     exactly, or a classifier that is not the embedding; then nothing was overwritten
     */
    public Gpt load(Path file) throws IOException {
        Safetensors weights = Safetensors.open(file);
        Map<String, Tensor> named = parameters.named();
        expectNames(weights, file, named.keySet());
        for (Map.Entry<String, Tensor> entry : named.entrySet()) {
            expect(weights, file, entry.getKey(), entry.getValue());
        }
        if (weights.has(CLASSIFIER)) {
            expect(weights, file, CLASSIFIER, named.get(EMBEDDING));
            if (!Arrays.equals(weights.doubles(CLASSIFIER), weights.doubles(EMBEDDING))) {
                throw new IOException(file + ": tensor " + CLASSIFIER + ": expected the numbers of " + EMBEDDING
                        + ", to which this model's classifier is tied");
            }
        }
        for (Map.Entry<String, Tensor> entry : named.entrySet()) {
            entry.getValue().set(weights.doubles(entry.getKey()));
        }
        return this;
    }

    /**
     * Overwrites every parameter with those of another model, which may be of another type or on another device.
     *
     * @return this model
     * @throws IllegalArgumentException naming the first parameter that one of the two lacks or has in another shape
     */
    public Gpt load(Gpt other) {
        Map<String, Tensor> from = other.parameters.named();
        Map<String, Tensor> into = parameters.named();
        Set<String> names = new TreeSet<>(from.keySet());
        names.addAll(into.keySet());
        for (String name : names) {
            Shape there = from.containsKey(name) ? from.get(name).shape() : null;
            Shape here = into.containsKey(name) ? into.get(name).shape() : null;
            if (!Objects.equals(there, here)) {
                throw new IllegalArgumentException("parameter " + name + ": expected " + here + ", got " + there);
            }
        }
        into.forEach((name, tensor) -> tensor.set(from.get(name).toDoubles()));
        return this;
    }

    private static void expectNames(Safetensors weights, Path file, Set<String> names) throws IOException {
        Set<String> surplus = new TreeSet<>(weights.names());
        surplus.removeAll(names);
        surplus.remove(CLASSIFIER);
        Set<String> missing = new TreeSet<>(names);
        missing.removeAll(weights.names());
        if (!surplus.isEmpty() || !missing.isEmpty()) {
            throw new IOException(file + ": weights of another model: the file has no " + missing
                    + " and the model has no " + surplus);
        }
    }

    private static void expect(Safetensors weights, Path file, String name, Tensor into) throws IOException {
        String type = weights.type(name);
        boolean fits = type.equals(into.type().name()) || type.equals("F32") && into.type() == DType.F64;
        if (!fits || !weights.shape(name).equals(into.shape())) {
            throw new IOException(file + ": tensor " + name + ": expected " + into.type() + " " + into.shape()
                    + ", got " + type + " " + weights.shape(name));
        }
    }

    /** Logits {@code [B, T, V]} for ids {@code [B, T]}. */
    public Tensor logits(Tape t, Tensor ids) {
        return logits(t, ids, 1);
    }

    /** Logits of the weight-tied model that applies its blocks {@code rounds} times before the readout. */
    public Tensor logits(Tape t, Tensor ids, int rounds) {
        return classify(t, context(t, ids, rounds));
    }

    /** Logits {@code [B, 1, V]} of the last position alone. */
    Tensor next(Tape t, Tensor ids, int rounds) {
        Tensor c = context(t, ids, rounds);
        long length = c.shape().axis(1);
        return classify(t, length == 1 ? c : t.slice(c, 1, length - 1, length));
    }

    /** The last normalised context {@code [B, T, d]}. */
    private Tensor context(Tape t, Tensor ids, int rounds) {
        int last = sublayers.length;
        Tensor embedded = Embedding.apply(t, embedding.value(), ids);
        Read r = watch(t, 0, residual.open(t, embedded, norms[0]));
        for (int i = 0; i < rounds * last; i++) {
            int s = i % last;
            int next = i + 1 == rounds * last ? last : (s + 1) % last;
            Tensor h = t.watch("sub." + i + ".h", sublayers[s].apply(t, r.c()));
            r = watch(t, i + 1, residual.step(t, s, r, h, next, norms[next]));
        }
        t.watch("final.x_out", r.x());
        return t.watch("final.c", r.c());
    }

    private Tensor classify(Tape t, Tensor c) {
        Tensor logits = Linear.apply(t, c, embedding.value());
        return t.watch("logits", config.logitScale() == 1 ? logits : t.scale(logits, config.logitScale()));
    }

    /** Mean cross entropy in nats, the sum over this batch divided by {@code count} (see {@link CrossEntropy}). */
    public Tensor loss(Tape t, Tensor ids, Tensor targets, double count) {
        Tensor logits = logits(t, ids);
        return t.isWatching()
                ? CrossEntropy.apply(t, logits, targets, count)
                : CrossEntropy.consume(t, logits, targets, count);
    }

    private static Read watch(Tape t, int s, Read r) {
        t.watch("X." + s, r.state());
        t.watch("sub." + s + ".x_in", r.x());
        t.watch("sub." + s + ".c", r.c());
        return r;
    }
}
