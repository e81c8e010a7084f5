package org.deepdelta.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;

/** The keys of a configuration of the authors', each to be asked for once; a key that is null counts as not there. */
final class AuthorsKeys {
    private final JsonNode config;
    private final Set<String> seen = new HashSet<>();

    AuthorsKeys(JsonNode config) {
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

    boolean has(String key) {
        return !get(key).isMissingNode();
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

    String text(String key, String otherwise) {
        JsonNode node = get(key);
        if (!node.isMissingNode() && !node.isTextual()) {
            throw wrong(key, node, "a text or null");
        }
        return node.asText(otherwise);
    }

    /** A key that decides nothing that a result depends on. */
    void ignore(String key) {
        seen.add(key);
    }

    /** A switch that the authors' code ignores here: accepted where it asks for what is computed. */
    void neutral(String key, boolean only) {
        if (flag(key, only) != only) {
            throw inert(key, only);
        }
    }

    /** A number that the authors' code ignores here: accepted where it asks for what is computed. */
    void neutral(String key, double only) {
        if (number(key, only) != only) {
            throw inert(key, only);
        }
    }

    private IllegalArgumentException inert(String key, Object only) {
        return wrong(key, get(key), only + " alone (the authors' code ignores this key here)");
    }

    /** Refuses keys that nobody asked for. */
    void done() {
        for (Iterator<String> it = config.fieldNames(); it.hasNext(); ) {
            String key = it.next();
            if (!seen.contains(key)) {
                throw new IllegalArgumentException(
                        "config: unknown key " + key + " = " + config.get(key) + "; known are " + new TreeSet<>(seen));
            }
        }
    }

    IllegalArgumentException wrong(String key, String allowed) {
        return wrong(key, get(key), allowed);
    }

    private static IllegalArgumentException wrong(String key, JsonNode value, String allowed) {
        return new IllegalArgumentException("config: " + key + " = " + value + ": expected " + allowed);
    }
}
