package org.deepdelta.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.deepdelta.nn.Activation;
import org.deepdelta.nn.CausalSelfAttention;
import org.deepdelta.nn.SwiGlu;
import org.deepdelta.ops.delta.Delta;
import org.deepdelta.residual.Additive;
import org.deepdelta.residual.Compression;
import org.deepdelta.residual.Compressor;
import org.deepdelta.residual.DeltaConfig;
import org.deepdelta.residual.DeltaExpanded;
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

    /** The authors' files that a configuration can be of: the additive base class, and one for each form of DDL. */
    public static final List<String> VARIANTS =
            List.of("baseline", "ddl_scalar", "ddl_tc", "ddl_tc_ec", "ddl_cc", "ddl_cc_ec", "ddl_cc_ec_accel");

    private static final int ACCELERATED_CHANNELS = 4;
    private static final double EPS = 1e-5;
    private static final double HIDDEN_MULTIPLE = 8.0 / 3.0;

    /**
     * Reads a configuration.
     *
     * @param variant one of {@link #VARIANTS}
     * @param config their keys
     * @throws NotSupported for another variant
     * @throws IllegalArgumentException for an unknown key or a value that is not allowed, naming key, value and what is allowed
     */
    public static AuthorsConfig read(String variant, JsonNode config) {
        if (!VARIANTS.contains(variant)) {
            throw new NotSupported("variant " + variant + ": supported are " + VARIANTS);
        }
        AuthorsKeys keys = new AuthorsKeys(config);
        keys.neutral("bias", false);
        keys.neutral("dropout", 0.0);
        keys.neutral("scale_attn_by_inverse_layer_idx", false);
        keys.ignore("block_size");
        keys.ignore("kv_cache_slot_size"); // how the authors' buffers grow
        boolean baseline = variant.equals("baseline");
        GptConfig gpt = gpt(keys, baseline);
        ResidualStream residual = baseline ? additive(keys) : rule(variant, keys);
        keys.done();
        return new AuthorsConfig(gpt, residual);
    }

    private static GptConfig gpt(AuthorsKeys keys, boolean baseline) {
        int width = keys.integer("hidden_size", 768);
        double eps = keys.number("rms_norm_eps", EPS);
        boolean mup = keys.flag("mup", false);
        double base = keys.number("hidden_size_base", 1024);
        return new GptConfig(
                keys.integer("vocab_size", 50304),
                keys.integer("num_hidden_layers", 12),
                width,
                attention(keys, width, eps),
                hidden(keys, width, baseline),
                keys.number("embedding_init_std", 0.02),
                keys.number("hidden_init_std_factor", 0.5),
                baseline ? eps : EPS,
                mup ? base / width : 1);
    }

    /** The MLP's inner width, which the authors' base class alone takes from the configuration. */
    private static int hidden(AuthorsKeys keys, int width, boolean baseline) {
        if (!baseline) {
            keys.neutral("intermediate_size", SwiGlu.hidden(width));
            keys.neutral("mlp_hidden_mult", HIDDEN_MULTIPLE);
        }
        return keys.integer("intermediate_size", (int) (keys.number("mlp_hidden_mult", HIDDEN_MULTIPLE) * width));
    }

    private static CausalSelfAttention.Config attention(AuthorsKeys keys, int width, double eps) {
        return new CausalSelfAttention.Config(
                width,
                keys.integer("num_attention_heads", 6),
                keys.integer("head_dim", 128),
                keys.number("rope_base", 10000),
                keys.number("rope_ratio", 1),
                keys.flag("use_qk_rmsnorm", true),
                new CausalSelfAttention.Inputs(
                        activation(keys, "q_activation"),
                        activation(keys, "k_activation"),
                        activation(keys, "v_activation"),
                        keys.flag("use_k_shift", false),
                        keys.flag("use_v_shift", false)),
                new CausalSelfAttention.Outputs(
                        keys.flag("using_groupnorm", false), keys.flag("use_output_gate", false), eps));
    }

    private static Activation activation(AuthorsKeys keys, String key) {
        return Activation.named("config: " + key, keys.text(key, "identity"));
    }

    private static ResidualStream additive(AuthorsKeys keys) {
        keys.ignore("ddl_beta_hidden_size");
        keys.neutral("ddl_k_eps", 1e-5);
        keys.neutral("ddl_beta_single_linear", true);
        keys.neutral("ddl_v_sigmoid", true);
        keys.neutral("ddl_v_sigmoid_scale", 4);
        keys.neutral("ddl_v_dim1_constant", false);
        keys.neutral("ddl_v_dim1_constant_value", 2);
        keys.neutral("ddl_beta_init", 1);
        return new Additive();
    }

    private static ResidualStream rule(String variant, AuthorsKeys keys) {
        boolean accelerated = variant.equals("ddl_cc_ec_accel");
        if (accelerated) {
            keys.neutral("ddl_v_sigmoid", true);
            keys.neutral("ddl_v_constant", false);
            keys.neutral("ddl_beta_single_linear", true);
        }
        if (variant.equals("ddl_scalar")) {
            return new DeltaScalar(delta(keys, "ddl_v_dim1_constant", false));
        }
        DeltaConfig delta = delta(keys, "ddl_v_constant", accelerated);
        int channels = keys.integer("ddl_value_channels", 4);
        boolean tokens = variant.startsWith("ddl_tc");
        int kernel = keys.integer("ddl_state_shortconv_kernel_size", tokens ? 4 : channels);
        if (!tokens && kernel != channels) {
            throw keys.wrong("ddl_state_shortconv_kernel_size", "ddl_value_channels, " + channels);
        }
        if (accelerated && channels != ACCELERATED_CHANNELS) {
            throw keys.wrong("ddl_value_channels", ACCELERATED_CHANNELS + ", for which the accelerated code is made");
        }
        if (!tokens && !accelerated) {
            keys.neutral("ddl_state_dv_shortconv_causal", false);
        }
        Compression compression = tokens
                ? new Compression.Tokens(kernel)
                : new Compression.Channels(accelerated && keys.flag("ddl_state_dv_shortconv_causal", false));
        int embeddingKernel = variant.contains("_ec") ? keys.integer("input_embed_shortconv_kernel_size", 4) : 0;
        double start = keys.number("ddl_state_read_init", 1.0 / channels);
        return new DeltaExpanded(new DeltaExpanded.Config(
                delta, channels, compression, embeddingKernel, new Compressor.Start(start, false)));
    }

    private static DeltaConfig delta(AuthorsKeys keys, String constantKey, boolean accelerated) {
        int hidden = keys.integer("ddl_beta_hidden_size", 128);
        boolean linear = keys.flag("ddl_beta_single_linear", true);
        boolean sigmoid = keys.flag("ddl_v_sigmoid", true);
        double scale = keys.number("ddl_v_sigmoid_scale", 4);
        if (sigmoid && scale == 0) {
            throw keys.wrong("ddl_v_sigmoid_scale", "a number other than 0 where ddl_v_sigmoid is true");
        }
        boolean constant = keys.flag(constantKey, false);
        double value = keys.number(constantKey + "_value", 2);
        double start = Math.min(2, Math.max(0, keys.number("ddl_beta_init", 1)));
        return new DeltaConfig(
                keys.number("ddl_k_eps", 1e-5),
                accelerated,
                Delta.Gates.SHARED,
                new DeltaConfig.Gate(start, linear ? 0 : hidden, false),
                new DeltaConfig.Value(false, true, sigmoid ? scale : 0, constant ? value : null));
    }
}
