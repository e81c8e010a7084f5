package org.deepdelta.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TintedTextTest {
    private static final List<String> TOKENS = List.of("if", " ", "(a", "<", "\"b\"", " &", "\n", "\n", "\t", "\0");

    private static TintedText page() {
        double[] gate = {0, 0, 0.5, 1, 1.5, 2, 2, 2, 1, 1};
        double[] ink = {0, 0, 1, 2, 3, 4, 0, 0, 0, 0};
        return TintedText.of("A line of \"code\".", TOKENS)
                .add("attention 1", gate, ink)
                .add("MLP 1", new double[10], new double[10]);
    }

    @Test
    void everyTokenHasItsTintAndItsBar() {
        String html = page().html();
        assertTrue(html.contains("<i class=\"b0 k0\">if </i><i class=\"b5 k1\">(a</i>"), "equals are joined");
        assertTrue(html.contains("<i class=\"b20 k0 n\">\n</i><i class=\"b20 k0 n\">\n</i>"), "each line's end");
        assertTrue(
                html.contains("<i class=\"b10 k0\">\t\u2400</i></pre>"), "white space stays, control characters show");
        assertTrue(html.contains("data-label=\"MLP 1\""));
        assertTrue(html.contains("aria-label=\"A line of &quot;code&quot;.\""));
    }

    @Test
    void theScaleIsAnchoredAtKeptErasedAndReflected() {
        String html = page().html();
        assertTrue(html.contains("i.b0{background:#56b4e9}"));
        assertTrue(html.contains("i.b10{background:#ffffff}"));
        assertTrue(html.contains("i.b20{background:#e69f00}"));
        for (String word : List.of("0 kept", "1 erased", "2 reflected", ">1.0<", ">4.0<")) {
            assertTrue(html.contains(word), word);
        }
    }

    @Test
    void theTextIsEscapedAndComesBackWhole() {
        String html = page().html();
        String page = html.substring(html.indexOf("<pre>") + 5, html.indexOf("</pre>"));
        assertFalse(page.contains("\"b\""));
        String text = page.replaceAll("<[^>]+>", "")
                .replace("&lt;", "<")
                .replace("&quot;", "\"")
                .replace("&amp;", "&");
        assertEquals(String.join("", TOKENS).replace('\0', '\u2400'), text);
        assertFalse(Pattern.compile("(?i)(src|href)\\s*=").matcher(html).find(), "self-contained");
    }

    @Test
    void withoutHtmlTheTextAndTheMeansAreThere() {
        String plain = page().plain();
        assertTrue(plain.startsWith("[A line of \"code\".]\nif (a<\"b\" &\n\n"));
        assertTrue(plain.endsWith("attention 1: mean gate 1.10\nMLP 1: mean gate 0.00"), plain);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        TintedText text = TintedText.of("x", List.of("a", "b"));
        double[] two = {1, 1};
        assertRefused("MLP 1: gate: expected 2, one a token, got 1", () -> text.add("MLP 1", new double[1], two));
        assertRefused(
                "gate of token 1: expected in [0, 2.0], got 2.5", () -> text.add("x", new double[] {1, 2.5}, two));
        assertRefused("ink of token 0", () -> text.add("x", two, new double[] {Double.NaN, 1}));
        assertThrows(IllegalStateException.class, text::html, "no layer");
    }

    private static void assertRefused(String part, Runnable action) {
        Throwable e = assertThrows(IllegalArgumentException.class, action::run);
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
