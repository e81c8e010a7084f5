package org.deepdelta.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a line such as {@code name:option=value,option=value} says: how configurations name residual rules and tasks. Each option is to be
 * asked for once: {@link #done} refuses those that nobody asked for.
 */
public final class NamedOptions {
    private final String name;
    private final Map<String, String> given;
    private final Map<String, String> known = new LinkedHashMap<>();

    /** The options of something that has a name, for error messages. */
    public NamedOptions(String name, Map<String, String> given) {
        this.name = name;
        this.given = given;
    }

    /**
     * Reads a line.
     *
     * @param kind of thing, for error messages
     * @throws IllegalArgumentException quoting the line, if it is of another form or gives an option twice
     */
    public static NamedOptions parse(String kind, String line) {
        String[] parts = line.split(":", 2);
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : parts.length < 2 ? new String[0] : parts[1].split(",")) {
            int equals = option.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        kind + " " + line + ": expected name:option=value,option=value, got \"" + option + "\"");
            }
            if (options.put(option.substring(0, equals), option.substring(equals + 1)) != null) {
                throw new IllegalArgumentException(
                        kind + " " + line + ": option " + option.substring(0, equals) + " is given twice");
            }
        }
        return new NamedOptions(parts[0], options);
    }

    /**
     * The one of several providers that knows this name.
     *
     * @param kind of thing, for error messages
     * @param names those that a provider makes
     * @throws IllegalArgumentException if none does, listing the names that there are
     */
    public <P> P of(String kind, Iterable<P> providers, Function<P, List<String>> names) {
        TreeMap<String, P> all = new TreeMap<>();
        providers.forEach(p -> names.apply(p).forEach(n -> all.put(n, p)));
        if (!all.containsKey(name)) {
            throw new IllegalArgumentException(
                    kind + ": expected one of " + String.join(", ", all.keySet()) + ", got \"" + name + "\"");
        }
        return all.get(name);
    }

    /** The name. */
    public String name() {
        return name;
    }

    /** The options as they were given. */
    public Map<String, String> given() {
        return given;
    }

    /** The text of an option, or the default. */
    private String text(String key, String otherwise, String allowed) {
        known.put(key, allowed);
        return given.getOrDefault(key, otherwise);
    }

    /** One of several words. */
    public String choice(String key, String otherwise, List<String> allowed) {
        String text = text(key, otherwise, String.join("|", allowed));
        if (!allowed.contains(text)) {
            throw wrong(key, text);
        }
        return text;
    }

    /** True or false. */
    public boolean flag(String key, boolean otherwise) {
        return choice(key, Boolean.toString(otherwise), List.of("true", "false"))
                .equals("true");
    }

    /** A whole number of at least {@code least}. */
    public int integer(String key, int otherwise, int least) {
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
    public double number(String key, double otherwise, double least, double most) {
        Double value = number(key, otherwise, least, most, "a number in [" + least + ", " + most + "]");
        if (value == null) {
            throw wrong(key, "none");
        }
        return value;
    }

    /** A finite number, or null for {@code none}. */
    public Double numberOrNone(String key, Double otherwise) {
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
     * @throws IllegalArgumentException for an option that nobody asked for, listing those that there are
     */
    public void done() {
        for (Map.Entry<String, String> entry : given.entrySet()) {
            if (!known.containsKey(entry.getKey())) {
                StringJoiner options = new StringJoiner(", ");
                known.forEach((key, allowed) -> options.add(key + " (" + allowed + ")"));
                throw new IllegalArgumentException(name + ": option " + entry.getKey() + "=" + entry.getValue()
                        + ": expected " + (known.isEmpty() ? "no options" : "one of " + options));
            }
        }
    }

    private IllegalArgumentException wrong(String key, String value) {
        return new IllegalArgumentException(name + ": " + key + "=" + value + ": expected " + known.get(key));
    }

    /** A name and options in the form that {@link #parse} reads. */
    public static String spec(String name, Map<String, ?> options) {
        StringJoiner text = new StringJoiner(",", name + ":", "");
        options.forEach((key, value) -> text.add(key + "=" + (value == null ? "none" : value)));
        return options.isEmpty() ? name : text.toString();
    }
}
