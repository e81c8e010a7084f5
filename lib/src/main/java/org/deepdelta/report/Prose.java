package org.deepdelta.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sentences whose numbers come from results: a template in Markdown with places such as <code>{{gain}}</code>, and values by name that fill them.
 * A number typed into a template is refused, so that no sentence can disagree with the results that it speaks of.
 */
public final class Prose {
    private static final Pattern PLACE = Pattern.compile("\\{\\{([^{}]*)\\}\\}");
    private static final String NUMBERS = " *\\(?\\d[\\d.]*\\)?((,| and| to) \\(?\\d[\\d.]*\\)?)*";

    /** What may hold digits: mathematics, code, addresses, tags, numbers of sections and the like, citations, years, and names. */
    private static final Pattern NO_RESULT = Pattern.compile(
            "\\$\\$[^$]*\\$\\$|\\$[^$]*\\$|`[^`]*`|\\]\\([^)]*\\)|<[^>]*>"
                    + "|(?i:\\b(sec|section|table|figure|eq|notebook|proposition|arxiv|appendix)s?\\b[.:]?)" + NUMBERS
                    + "|(?m:^#+ [\\d.]+)|(?m:^\\d+\\. )|\\[\\d+(, \\d+)*\\]|\\b(19|20)\\d\\d\\b|\\p{L}[\\p{L}\\d]*(-\\d+)?");

    private static final Pattern NUMBER = Pattern.compile("\\d+([.,]\\d+)*");
    private static final int AROUND = 30;

    private final Map<String, String> values = new LinkedHashMap<>();

    /**
     * A value as it is to be read.
     *
     * @throws IllegalArgumentException if the name already has another value
     */
    public void put(String name, String value) {
        String old = values.putIfAbsent(name, value);
        if (old != null && !old.equals(value)) {
            throw new IllegalArgumentException("value " + name + ": is '" + old + "' already, got '" + value + "'");
        }
    }

    /** A number with so many digits after the point; a minus as a sign of its own, not a hyphen. */
    public void put(String name, double value, int digits) {
        String text = String.format(Locale.ROOT, "%." + digits + "f", value);
        put(name, text.replaceFirst("^-(0(\\.0*)?)$", "$1").replace('-', '\u2212'));
    }

    /** A count. */
    public void put(String name, long value) {
        put(name, Long.toString(value));
    }

    /**
     * The template with its places filled.
     *
     * @throws IllegalArgumentException if a place has no value, naming it and those that there are, if a number is typed, or if a backslash was lost: in a
     *     Java string, the TeX of a Greek letter is written with two
     */
    public String fill(String template) {
        template.chars().filter(c -> c < ' ' && c != '\n').findFirst().ifPresent(c -> {
            String after = template.substring(template.indexOf(c) + 1)
                    .lines()
                    .findFirst()
                    .orElse("");
            throw new IllegalArgumentException("a backslash was lost before '"
                    + after.substring(0, Math.min(AROUND, after.length())) + "': in a Java string it is written twice");
        });
        List<String> typed = typed(template);
        if (!typed.isEmpty()) {
            throw new IllegalArgumentException("numbers come from values, but these are typed: " + typed);
        }
        return PLACE.matcher(template).replaceAll(place -> {
            String value = values.get(place.group(1));
            if (value == null) {
                throw new IllegalArgumentException(
                        "no value " + place.group(1) + " for this text: expected one of " + values.keySet());
            }
            return Matcher.quoteReplacement(value);
        });
    }

    /** Shows the filled template as Markdown. */
    public void show(String template) {
        Display.markdown(fill(template));
    }

    /**
     * The numbers that stand in a text in Markdown, each with what is around it; without places, mathematics, code, addresses, tags, years, citations
     * in brackets, names with digits, and numbers of sections, tables, figures, equations and notebooks.
     */
    public static List<String> typed(String text) {
        String rest = blank(NO_RESULT, blank(PLACE, text));
        List<String> typed = new ArrayList<>();
        Matcher number = NUMBER.matcher(rest);
        while (number.find()) {
            int from = Math.max(0, number.start() - AROUND);
            int to = Math.min(text.length(), number.end() + AROUND);
            typed.add("'" + number.group() + "' in '..."
                    + text.substring(from, to).replace('\n', ' ') + "...'");
        }
        return typed;
    }

    /** The text with spaces in the place of what matches. */
    private static String blank(Pattern pattern, String text) {
        return pattern.matcher(text)
                .replaceAll(found -> " ".repeat(found.group().length()));
    }
}
