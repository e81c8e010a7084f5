package org.deepdelta.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.deepdelta.nn.CausalSelfAttention;
import org.deepdelta.nn.SwiGlu;

/**
 * The sizes of a {@link Gpt}; the residual rule is chosen apart.
 *
 * @param vocabulary V
 * @param layers L, blocks of one attention and one MLP sublayer, at most 4096
 * @param width d
 * @param attention heads, their width and options
 * @param hidden inner width of the MLP
 * @param embeddingStd standard deviation of the embedding at the start
 * @param hiddenFactor f: matrices start at f / sqrt(d), those that write to the state at f / (sqrt(d) sqrt(L))
 * @param normEps eps of the three norms
 * @param logitScale what the logits are multiplied by
 */
public record GptConfig(
        int vocabulary,
        int layers,
        int width,
        CausalSelfAttention.Config attention,
        int hidden,
        double embeddingStd,
        double hiddenFactor,
        double normEps,
        double logitScale) {

    private static final int MOST_LAYERS = 4096;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    /** Checks the sizes. */
    public GptConfig {
        positive("vocabulary", vocabulary);
        positive("layers", layers);
        if (layers > MOST_LAYERS) {
            throw new IllegalArgumentException("layers: expected at most " + MOST_LAYERS + ", got " + layers);
        }
        positive("width", width);
        positive("heads", attention.heads());
        positive("head width", attention.headWidth());
        positive("hidden", hidden);
    }

    /** The authors' defaults at these sizes, with heads of width d / H. */
    public static GptConfig of(int vocabulary, int layers, int heads, int width) {
        if (heads <= 0 || width % heads != 0) {
            throw new IllegalArgumentException("width: expected a multiple of the " + heads + " heads, got " + width);
        }
        return new GptConfig(
                vocabulary,
                layers,
                width,
                new CausalSelfAttention.Config(width, heads, width / heads, 10000, 1, true),
                SwiGlu.hidden(width),
                0.02,
                0.5,
                1e-5,
                1);
    }

    /** These sizes as JSON, as a checkpoint carries them: {@link #parse} gives an equal configuration. */
    public String json() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Reads what {@link #json} wrote.
     *
     * @throws IllegalArgumentException if a key is missing, unknown, twice there, or of a value that is not allowed
     */
    public static GptConfig parse(String json) {
        try {
            GptConfig config = JSON.readValue(json, GptConfig.class);
            if (config == null) {
                throw new IllegalArgumentException("model: expected a JSON object, got " + json);
            }
            return config;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("model: " + e.getOriginalMessage() + ", in " + json, e);
        }
    }

    private static void positive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": expected > 0, got " + value);
        }
    }
}
