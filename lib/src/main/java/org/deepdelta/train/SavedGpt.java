package org.deepdelta.train;

import java.io.IOException;
import java.util.Map;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.nn.Parameter;
import org.deepdelta.nn.Parameters;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Safetensors;
import org.deepdelta.tensor.Shape;

/**
 * The language model of a checkpoint, made anew from the checkpoint alone: it carries the sizes as JSON ({@code model}) and the
 * line of text by which the rule describes itself ({@code rule}), from which {@link ResidualStream#of} makes it.
 */
public final class SavedGpt {
    static final String MODEL = "model";
    static final String RULE = "rule";
    private static final String TYPE = "type";

    private SavedGpt() {}

    /**
     * Makes the model and gives it the checkpoint's parameters. One of a BF16 run, which are F32, becomes an F32 model on a device without BF16.
     *
     * @param device where it is placed
     * @throws IOException naming the file and what is missing or wrong: a checkpoint of something else than a {@link Gpt}, or a rule that
     *     cannot be made by name, such as a notebook's own: make such a model as it was made before, and {@link Checkpoint#restore} its
     *     {@code state()}
     */
    public static Gpt read(Checkpoint checkpoint, Device device) throws IOException {
        Map<String, String> config = checkpoint.config();
        for (String key : new String[] {MODEL, RULE, TYPE}) {
            if (!config.containsKey(key)) {
                throw new IOException(checkpoint.file() + ": no language model: it does not say its \"" + key + "\"");
            }
        }
        try {
            ResidualStream rule = rule(config.get(RULE));
            GptConfig sizes = GptConfig.parse(config.get(MODEL));
            expectSizes(checkpoint.tensors(), sizes, rule(config.get(RULE)));
            DType type = DType.valueOf(config.get(TYPE));
            Gpt gpt = new Gpt(sizes, rule, device, device.takes(type) ? type : DType.F32, 0);
            checkpoint.restore(gpt.state());
            return gpt;
        } catch (IllegalArgumentException e) {
            throw new IOException(checkpoint.file() + ": " + e.getMessage(), e);
        }
    }

    /** Before memory is taken for a model: sizes are those of tensors in the file. */
    private static void expectSizes(Safetensors tensors, GptConfig sizes, ResidualStream rule) throws IOException {
        String last = "transformer.h." + (sizes.layers() - 1) + ".";
        long heads = (long) sizes.attention().heads() * sizes.attention().headWidth();
        expect(tensors, "transformer.wte.weight", Shape.of(sizes.vocabulary(), sizes.width()));
        expect(
                tensors,
                last + "attn.c_q.weight",
                Shape.of(heads, sizes.attention().width()));
        expect(tensors, last + "mlp.c_fc1.weight", Shape.of(sizes.hidden(), sizes.width()));
        Parameters own = new Parameters();
        rule.declare(own, new ResidualStream.Dimensions(sizes.layers(), sizes.width(), 1));
        for (Parameter parameter : own.list()) {
            for (Parameter.Part part : parameter.parts()) {
                expect(tensors, part.name(), part.shape());
            }
        }
    }

    private static void expect(Safetensors tensors, String name, Shape shape) throws IOException {
        if (!tensors.shape(name).equals(shape)) {
            throw new IllegalArgumentException(
                    "tensor " + name + ": expected " + shape + " by the model's sizes, got " + tensors.shape(name));
        }
    }

    private static ResidualStream rule(String described) {
        String instead =
                "; a model with this rule has to be made by the code that trained it, and its parameters restored";
        ResidualStream rule;
        try {
            rule = ResidualStream.of(described);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + instead, e);
        }
        if (!rule.describe().equals(described)) {
            throw new IllegalArgumentException(
                    "rule: expected " + described + ", but its name makes " + rule.describe() + instead);
        }
        return rule;
    }
}
