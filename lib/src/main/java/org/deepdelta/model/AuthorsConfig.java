package org.deepdelta.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import org.deepdelta.nn.CausalSelfAttention;
import org.deepdelta.nn.SwiGlu;
import org.deepdelta.residual.Additive;
import org.deepdelta.residual.DeltaConfig;
import org.deepdelta.residual.DeltaScalar;
import org.deepdelta.residual.ResidualStream;

/**
 * Reads a configuration in the authors' keys. Every key is looked at: one that their code ignores is accepted at its neutral value and
 * refused otherwise, an unknown one is refused.
 *
 * @param gpt the sizes
 * @param residual the rule
 */
public record AuthorsConfig(GptConfig gpt, ResidualStream residual) {

    /** A configuration that is well-formed but asks for something this library does not have. */
    public static final class NotSupported extends RuntimeException {
        private static final long serialVersionUID = 1;

        /** With the key and what is supported. */
        public NotSupported(String message) {
            super(message);
        }
    }

    /**
     * Reads a configuration.
     *
     * @param variant the authors' file: {@code baseline}, {@code ddl_scalar}, ...
     * @param config their keys
     * @throws NotSupported for a variant or option that is not implemented
     * @throws IllegalArgumentException for an unknown key or a value that is not allowed, naming key, value and what is allowed
     */
    public static AuthorsConfig read(String variant, JsonNode config) {
        Keys keys = new Keys(config);
        if (!variant.equals("baseline") && !variant.equals("ddl_scalar")) {
            throw new NotSupported("variant " + variant + ": supported are baseline, ddl_scalar");
        }
        keys.neutral("bias", false);
        keys.neutral("dropout", 0.0);
        keys.neutral("scale_attn_by_inverse_layer_idx", false);
        keys.ignore("block_size");
        keys.unsupported("using_groupnorm", false);
        keys.unsupported("use_output_gate", false);
        keys.unsupported("use_k_shift", false);
        keys.unsupported("use_v_shift", false);
        keys.noActivation("q_activation");
        keys.noActivation("k_activation");
        keys.noActivation("v_activation");

        int width = keys.integer("hidden_size", 768);
        int heads = keys.integer("num_attention_heads", 6);
        int layers = keys.integer("num_hidden_layers", 12);
        CausalSelfAttention.Config attention = new CausalSelfAttention.Config(
                width,
                heads,
                keys.integer("head_dim", 128),
                keys.number("rope_base", 10000),
                keys.number("rope_ratio", 1),
                keys.flag("use_qk_rmsnorm", true));
        boolean mup = keys.flag("mup", false);
        double base = keys.number("hidden_size_base", 1024);
        GptConfig gpt = new GptConfig(
                keys.integer("vocab_size", 50304),
                layers,
                width,
                attention,
                SwiGlu.hidden(width),
                keys.number("embedding_init_std", 0.02),
                keys.number("hidden_init_std_factor", 0.5),
                1e-5,
                mup ? base / width : 1);
        DeltaConfig delta = delta(keys);
        keys.done();
        return new AuthorsConfig(gpt, variant.equals("baseline") ? new Additive() : new DeltaScalar(delta));
    }

    private static DeltaConfig delta(Keys keys) {
        int hidden = keys.integer("ddl_beta_hidden_size", 128);
        boolean linear = keys.flag("ddl_beta_single_linear", true);
        boolean sigmoid = keys.flag("ddl_v_sigmoid", true);
        double scale = keys.number("ddl_v_sigmoid_scale", 4);
        boolean constant = keys.flag("ddl_v_dim1_constant", false);
        double value = keys.number("ddl_v_dim1_constant_value", 2);
        return new DeltaConfig(
                keys.number("ddl_k_eps", 1e-5),
                new DeltaConfig.Gate(
                        Math.min(2, Math.max(0, keys.number("ddl_beta_init", 1))), linear ? 0 : hidden, false),
                new DeltaConfig.Value(false, true, sigmoid ? scale : 0, constant ? value : null));
    }

    /** The keys of a configuration, each to be asked for once. */
    private static final class Keys {
        private final JsonNode config;
        private final Set<String> seen = new HashSet<>();

        Keys(JsonNode config) {
            if (!config.isObject()) {
                throw new IllegalArgumentException("config: expected a JSON object, got " + config.getNodeType());
            }
            this.config = config;
        }

        private JsonNode get(String key) {
            seen.add(key);
            JsonNode node = config.path(key);
            return node.isNull() ? config.path("") : node;
        }

        int integer(String key, int otherwise) {
            JsonNode node = get(key);
            if (!node.isMissingNode() && !(node.isInt() && node.intValue() > 0)) {
                throw wrong(key, node, "a positive integer");
            }
            return node.asInt(otherwise);
        }

        double number(String key, double otherwise) {
            JsonNode node = get(key);
            if (!node.isMissingNode() && !node.isNumber()) {
                throw wrong(key, node, "a number");
            }
            return node.asDouble(otherwise);
        }

        boolean flag(String key, boolean otherwise) {
            JsonNode node = get(key);
            if (!node.isMissingNode() && !node.isBoolean()) {
                throw wrong(key, node, "true or false");
            }
            return node.asBoolean(otherwise);
        }

        void ignore(String key) {
            seen.add(key);
        }

        void neutral(String key, boolean only) {
            if (flag(key, only) != only) {
                throw wrong(key, get(key), only + " alone (the authors' code ignores this key)");
            }
        }

        void neutral(String key, double only) {
            if (number(key, only) != only) {
                throw wrong(key, get(key), only + " alone (the authors' code ignores this key)");
            }
        }

        void unsupported(String key, boolean only) {
            if (flag(key, only) != only) {
                throw new NotSupported(key + " = " + get(key) + ": supported is " + only);
            }
        }

        void noActivation(String key) {
            JsonNode node = get(key);
            if (!node.isMissingNode() && !node.asText().equals("identity")) {
                throw new NotSupported(key + " = " + node + ": supported is none");
            }
        }

        void done() {
            for (Iterator<String> it = config.fieldNames(); it.hasNext(); ) {
                String key = it.next();
                if (!seen.contains(key)) {
                    throw new IllegalArgumentException(
                            "config: unknown key " + key + " = " + config.get(key) + "; known are " + seen);
                }
            }
        }

        private static IllegalArgumentException wrong(String key, JsonNode value, String allowed) {
            return new IllegalArgumentException("config: " + key + " = " + value + ": expected " + allowed);
        }
    }
}
