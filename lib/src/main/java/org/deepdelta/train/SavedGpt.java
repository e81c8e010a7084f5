package org.deepdelta.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;

/**
 * The language model of a checkpoint, made anew from the checkpoint alone: it carries the sizes ({@code model}), the rule's name and
 * options ({@code rule.made}), both as JSON, and how the rule describes itself ({@code rule}).
 */
public final class SavedGpt {
    static final String MODEL = "model";
    static final String RULE = "rule";
    static final String RULE_MADE = "rule.made";
    private static final String TYPE = "type";
    private static final ObjectMapper JSON = new ObjectMapper();

    private SavedGpt() {}

    static String made(String name, Map<String, String> options) {
        ObjectNode node = JSON.createObjectNode().put("name", name);
        node.set("options", JSON.valueToTree(new TreeMap<>(options)));
        return node.toString();
    }

    /**
     * Makes the model and gives it the checkpoint's parameters.
     *
     * @param device where it is placed
     * @throws IOException naming the file and what is missing or wrong: a checkpoint of something else than a {@link Gpt}, or a rule that
     *     cannot be made by name, such as a notebook's own or one that was configured in code; make such a model as it was made before, and
     *     {@link Checkpoint#restore} its {@code state()}
     */
    public static Gpt read(Checkpoint checkpoint, Device device) throws IOException {
        Map<String, String> config = checkpoint.config();
        for (String key : new String[] {MODEL, RULE, RULE_MADE, TYPE}) {
            if (!config.containsKey(key)) {
                throw new IOException(checkpoint.file() + ": no language model: it does not say its \"" + key + "\"");
            }
        }
        try {
            ResidualStream rule = rule(config);
            GptConfig sizes = GptConfig.parse(config.get(MODEL));
            Gpt gpt = new Gpt(sizes, rule, device, DType.valueOf(config.get(TYPE)), 0);
            checkpoint.restore(gpt.state());
            return gpt;
        } catch (IllegalArgumentException | JsonProcessingException e) {
            throw new IOException(checkpoint.file() + ": " + e.getMessage(), e);
        }
    }

    private static ResidualStream rule(Map<String, String> config) throws JsonProcessingException {
        JsonNode made = JSON.readTree(config.get(RULE_MADE));
        Map<String, String> options = JSON.convertValue(made.path("options"), new TypeReference<>() {});
        ResidualStream rule;
        try {
            rule = ResidualStream.named(made.path("name").asText(), options);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + "; " + instead(config), e);
        }
        if (!rule.describe().equals(config.get(RULE))) {
            throw new IllegalArgumentException(
                    "rule: expected " + config.get(RULE) + ", but its name and options " + made + " make "
                            + rule.describe() + "; " + instead(config));
        }
        return rule;
    }

    private static String instead(Map<String, String> config) {
        return "a model with the rule \"" + config.get(RULE) + "\" has to be made by the code that trained it, and its "
                + "parameters restored";
    }
}
