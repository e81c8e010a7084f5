package org.deepdelta.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A text, token by token, tinted by a gate in [0, 2]: blue where it is 0 (kept), white at 1 (erased), orange at 2 (reflected), colours
 * that the colour-blind tell apart. A bar beneath a token is as thick as its ink is much, on one scale for all layers. A slider goes over
 * the layers; in print the first and the last stand side by side.
 */
public final class TintedText {
    private static final int[] KEPT = {0x56, 0xb4, 0xe9};
    private static final int[] REFLECTED = {0xe6, 0x9f, 0x00};
    private static final int STEPS = 20;
    private static final int BARS = 4;

    private static final String STYLE =
            ".ddl-tint pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3em 0;padding:.5em;"
                    + "font-size:13px;line-height:1.75;color:#222;background:#fff;border:1px solid #e4e4e4}"
                    + ".ddl-tint i{font-style:normal;-webkit-print-color-adjust:exact;print-color-adjust:exact}"
                    + ".ddl-tint i.n::before{content:\"\\21b5\";color:#777}"
                    + ".ddl-tint .key{font-size:90%;line-height:2}.ddl-tint .key i{padding:1px 6px;color:#222;background:#fff}"
                    + "@media print{.ddl-tint .ddl-frames figure.some{width:49%!important}.ddl-tint pre{font-size:8px}}";

    /** What a layer did. */
    private record Layer(String label, double[] gate, double[] ink) {}

    private final String alt;
    private final List<String> tokens;
    private final List<Layer> layers = new ArrayList<>();

    private TintedText(String alt, List<String> tokens) {
        this.alt = alt;
        this.tokens = List.copyOf(tokens);
    }

    /** A text without a layer yet; {@code alt} is the sentence that says what is to be seen, for those who cannot see it. */
    public static TintedText of(String alt, List<String> tokens) {
        return new TintedText(alt, tokens);
    }

    /**
     * The next layer.
     *
     * @param label such as "attention 1"
     * @param gate one a token, in [0, 2]
     * @param ink one a token, &gt;= 0
     * @throws IllegalArgumentException if there are not as many as tokens, or one is out of its range
     */
    public TintedText add(String label, double[] gate, double[] ink) {
        expect(label + ": gate", gate, 2);
        expect(label + ": ink", ink, Double.MAX_VALUE);
        layers.add(new Layer(label, gate.clone(), ink.clone()));
        return this;
    }

    private void expect(String what, double[] values, double most) {
        if (values.length != tokens.size()) {
            throw new IllegalArgumentException(
                    what + ": expected " + tokens.size() + ", one a token, got " + values.length);
        }
        for (int i = 0; i < values.length; i++) {
            if (!(values[i] >= 0 && values[i] <= most)) {
                throw new IllegalArgumentException(
                        what + " of token " + i + ": expected in [0, " + most + "], got " + values[i]);
            }
        }
    }

    /** The text as it is, and each layer's mean gate: for where HTML cannot be shown. */
    public String plain() {
        StringBuilder out = new StringBuilder("[" + alt + "]\n" + String.join("", tokens));
        for (Layer layer : layers) {
            double sum = 0;
            for (double gate : layer.gate()) {
                sum += gate;
            }
            out.append(String.format(Locale.ROOT, "%n%s: mean gate %.2f", layer.label(), sum / tokens.size()));
        }
        return out.toString().replace("\r\n", "\n");
    }

    /** The piece of HTML: key, slider, a page of text a layer. */
    public String html() {
        double most = 0;
        for (Layer layer : layers) {
            for (double ink : layer.ink()) {
                most = Math.max(most, ink);
            }
        }
        Frames frames = Frames.of(alt).print(2);
        for (Layer layer : layers) {
            frames.add(layer.label(), page(layer, most));
        }
        return "<div class=\"ddl-tint\"><style>" + STYLE + colours() + "</style>" + key(most) + frames.html()
                + "</div>";
    }

    /** Neighbours that look alike share an element; a line's end has its own, since it shows a sign. */
    private String page(Layer layer, double most) {
        StringBuilder out = new StringBuilder("<pre>");
        String open = "";
        for (int i = 0; i < tokens.size(); i++) {
            String token = tokens.get(i);
            String look =
                    look(layer.gate()[i], most == 0 ? 0 : layer.ink()[i] / most) + (token.equals("\n") ? " n" : "");
            if (!look.equals(open) || token.equals("\n")) {
                out.append(open.isEmpty() ? "" : "</i>")
                        .append("<i class=\"")
                        .append(look)
                        .append("\">");
                open = look;
            }
            out.append(Html.escape(visible(token)));
        }
        return out.append(open.isEmpty() ? "" : "</i>").append("</pre>").toString();
    }

    private static String look(double gate, double ink) {
        return "b" + Math.round(gate * STEPS / 2) + " k" + Math.round(ink * BARS);
    }

    /** Control characters as their signs; tab and line's end stay. */
    private static String visible(String token) {
        StringBuilder out = new StringBuilder();
        for (char c : token.toCharArray()) {
            out.append(c < ' ' && c != '\n' && c != '\t' ? (char) (0x2400 + c) : c);
        }
        return out.toString();
    }

    private static String colours() {
        StringBuilder out = new StringBuilder();
        for (int step = 0; step <= STEPS; step++) {
            out.append(".ddl-tint i.b")
                    .append(step)
                    .append("{background:")
                    .append(colour(step))
                    .append('}');
        }
        for (int bar = 1; bar <= BARS; bar++) {
            out.append(".ddl-tint i.k" + bar + "{border-bottom:" + bar + "px solid #222}");
        }
        return out.toString();
    }

    private static String colour(int step) {
        double far = Math.abs(2.0 * step / STEPS - 1);
        int[] end = 2 * step < STEPS ? KEPT : REFLECTED;
        StringBuilder out = new StringBuilder("#");
        for (int channel : end) {
            out.append(String.format(Locale.ROOT, "%02x", Math.round(255 + far * (channel - 255))));
        }
        return out.toString();
    }

    private static String key(double most) {
        StringBuilder out = new StringBuilder("<div class=\"key\">gate: ");
        String[] words = {"0 kept", "0.5", "1 erased", "1.5", "2 reflected"};
        for (int i = 0; i < words.length; i++) {
            out.append("<i class=\"b" + i * STEPS / (words.length - 1) + "\">" + words[i] + "</i> ");
        }
        return out.append(String.format(
                        Locale.ROOT,
                        " ink: <i class=\"k1\">%.1f</i> <i class=\"k%d\">%.1f</i></div>",
                        most / BARS,
                        BARS,
                        most))
                .toString();
    }
}
