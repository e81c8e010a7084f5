package org.deepdelta.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class FramesTest {

    @Test
    void twentyOneCloudsAreSmallAndSelfContained() {
        String html = clouds(21).html();
        assertTrue(html.length() < 150_000, html.length() + " characters");
        assertEquals(html, clouds(21).html(), "the same frames give the same text");
        assertFalse(Pattern.compile("(?i)(src|href)\\s*=\\s*[\"']?(https?:|//)|@import|url\\(")
                .matcher(html)
                .find());
        assertEquals(21, count(html, "<figure data-label="));
        assertEquals(6, count(html, "class=\"some\""));
        assertTrue(html.contains("data-label=\"\u03b2 = 0.0\" class=\"some\""));
        assertTrue(html.contains("data-label=\"\u03b2 = 2.0\" class=\"some\""));
    }

    @Test
    void whatFramesShareIsWrittenOnceAndEveryUseIsDefined() {
        String html = clouds(3).html();
        assertEquals(1, count(html, ">first<"), "axis label");
        var uses = Pattern.compile("<use href=\"#([^\"]+)\"").matcher(html);
        int n = 0;
        while (uses.find()) {
            n++;
            assertEquals(1, count(html, "<g id=\"" + uses.group(1) + "\">"), uses.group(1));
        }
        assertTrue(n >= 3, "uses: " + n);
    }

    @Test
    void differentSlidersHaveDifferentIds() {
        assertFalse(id(clouds(3).html()).equals(id(clouds(4).html())));
    }

    @Test
    void imagesAndDocumentsAreFramesToo() {
        Figure figure = Figure.of("x", "y");
        String html = Frames.of("a \"quoted\" thing")
                .add("1", figure.svg())
                .add("2", figure.image())
                .print(1)
                .start(1)
                .html();
        assertEquals(1, count(html, "class=\"some\""));
        assertTrue(html.contains("src=\"data:image/png;base64,"));
        assertTrue(html.contains("aria-label=\"a &quot;quoted&quot; thing\""));
    }

    @Test
    void noFramesIsAnError() {
        assertThrows(IllegalStateException.class, () -> Frames.of("none").html());
        assertThrows(IllegalStateException.class, () -> clouds(2).start(2).html());
        assertThrows(IllegalArgumentException.class, () -> Frames.of("x").print(0));
    }

    private static Frames clouds(int n) {
        double[] x = new Random(1).doubles(200).toArray();
        double[] y = new Random(2).doubles(200).toArray();
        Frames frames = Frames.of("A cloud of points is reflected.");
        for (int i = 0; i < n; i++) {
            double beta = 2.0 * i / (n - 1);
            double[] moved = Arrays.stream(x).map(v -> v * (1 - beta)).toArray();
            frames.add(
                    String.format(Locale.ROOT, "\u03b2 = %.1f", beta),
                    Figure.of("first", "second")
                            .size(480, 400)
                            .xRange(-1.2, 1.2)
                            .yRange(-1, 1)
                            .points("before", x, y)
                            .points("after", moved, y)
                            .unitCircle()
                            .equalAxes());
        }
        return frames;
    }

    private static String id(String html) {
        var id = Pattern.compile("id=\"([^\"]+)\"").matcher(html);
        assertTrue(id.find());
        return id.group(1);
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }
}
