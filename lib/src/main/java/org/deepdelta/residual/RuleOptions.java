package org.deepdelta.residual;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** The options that a rule is made from by name, each to be asked for once: {@link #done} refuses those that nobody asked for. */
final class RuleOptions {
    private final String rule;
    private final Map<String, String> given;
    private final Map<String, String> known = new LinkedHashMap<>();

    RuleOptions(String rule, Map<String, String> given) {
        this.rule = rule;
        this.given = given;
    }

    /** The text of an option, or the default. */
    private String text(String key, String otherwise, String allowed) {
        known.put(key, allowed);
        return given.getOrDefault(key, otherwise);
    }

    /** One of several words. */
    String choice(String key, String otherwise, List<String> allowed) {
        String text = text(key, otherwise, String.join("|", allowed));
        if (!allowed.contains(text)) {
            throw wrong(key, text);
        }
        return text;
    }

    /** Whether the paper's preset was asked for. */
    boolean isPaper() {
        return given.getOrDefault("preset", "").equals("paper");
    }

    /** True or false. */
    boolean flag(String key, boolean otherwise) {
        return choice(key, Boolean.toString(otherwise), List.of("true", "false"))
                .equals("true");
    }

    /** A whole number of at least {@code least}. */
    int integer(String key, int otherwise, int least) {
        String text = text(key, Integer.toString(otherwise), "a whole number >= " + least);
        try {
            int value = Integer.parseInt(text);
            if (value >= least) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below, as a value out of range is
        }
        throw wrong(key, text);
    }

    /** A number in a range. */
    double number(String key, double otherwise, double least, double most) {
        Double value = number(key, otherwise, least, most, "a number in [" + least + ", " + most + "]");
        if (value == null) {
            throw wrong(key, "none");
        }
        return value;
    }

    /** A finite number, or null for {@code none}. */
    Double numberOrNone(String key, Double otherwise) {
        return number(key, otherwise, -Double.MAX_VALUE, Double.MAX_VALUE, "a finite number or none");
    }

    private Double number(String key, Double otherwise, double least, double most, String allowed) {
        String text = text(key, otherwise == null ? "none" : otherwise.toString(), allowed);
        if (text.equals("none")) {
            return null;
        }
        try {
            double value = Double.parseDouble(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw wrong(key, text);
    }

    /**
     * Ends the reading.
     *
     * @throws IllegalArgumentException for an option that this rule does not have, listing those that it has
     */
    void done() {
        for (Map.Entry<String, String> entry : given.entrySet()) {
            if (!known.containsKey(entry.getKey())) {
                StringJoiner options = new StringJoiner(", ");
                known.forEach((key, allowed) -> options.add(key + " (" + allowed + ")"));
                throw new IllegalArgumentException(rule + ": option " + entry.getKey() + "=" + entry.getValue()
                        + ": expected " + (known.isEmpty() ? "no options" : "one of " + options));
            }
        }
    }

    private IllegalArgumentException wrong(String key, String value) {
        return new IllegalArgumentException(rule + ": " + key + "=" + value + ": expected " + known.get(key));
    }

    /** A rule's name and options in the form that {@link ResidualStream#of} reads. */
    static String spec(String rule, Map<String, ?> options) {
        StringJoiner text = new StringJoiner(",", rule + ":", "");
        options.forEach((key, value) -> text.add(key + "=" + (value == null ? "none" : value)));
        return options.isEmpty() ? rule : text.toString();
    }
}
