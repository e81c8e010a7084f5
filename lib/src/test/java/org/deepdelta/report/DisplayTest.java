package org.deepdelta.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.deepdelta.ops.delta.Delta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.knowm.xchart.XYChart;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class DisplayTest {

    private static final double[] X = {0, 1, 2};

    @ParameterizedTest
    @ValueSource(strings = {"ijava", "jjava"})
    void everyKernelGetsTheBundle(String name) {
        try (FakeKernel kernel = FakeKernel.start(name)) {
            Printed printed = Printed.by(() -> {
                Display.html("<b>bold</b>");
                Display.markdown("*m*");
                Display.latex("A = I - \\beta k k^\\top");
                Display.svg("<svg/>", "a line");
            });
            assertEquals(new Printed("", ""), printed);
            assertEquals(Map.of("text/plain", "bold", "text/html", "<b>bold</b>"), kernel.shown.get(0).data);
            assertEquals("*m*", kernel.shown.get(1).data.get("text/markdown"));
            assertEquals(
                    "$$A = I - \\beta k k^\\top$$", kernel.shown.get(2).data.get("text/latex"));
            assertEquals(
                    "<img alt=\"a line\" src=\"data:image/svg+xml;base64,PHN2Zy8+\">",
                    kernel.shown.get(3).data.get("text/html"));
            assertEquals(4, kernel.shown.size());
        }
    }

    @Test
    void withoutAKernelPlainTextIsPrinted() {
        Figure figure = Figure.of("step", "loss (nats)").line("a", X, X).alt("Loss rises.");
        Printed printed = Printed.by(() -> {
            Display.html("<style>x{}</style><p>a &lt; b</p>");
            Display.figure(figure, "Figure 1. Loss.");
            Display.chart(new XYChart(100, 80), "nothing yet", "Figure 2. Nothing.");
            try (Progress progress = Display.progress("Training")) {
                progress.update(0.4, "step 4");
            }
        });
        assertEquals(
                List.of(
                        "a < b",
                        "[Loss rises.]",
                        "Figure 1. Loss.",
                        "[nothing yet]",
                        "Figure 2. Nothing.",
                        "Training: stopped at 40 %"),
                printed.out().lines().toList());
        assertEquals("", printed.err());
    }

    @Test
    void aFigureIsACompletePngWithAltCaptionAndData() throws IOException {
        try (FakeKernel kernel = FakeKernel.start("ijava")) {
            Display.figure(Figure.of("step", "loss").line("a", X, X).alt("Loss rises."), "Figure 3. Loss, 1 seed.");
            FakeKernel.DisplayData picture = kernel.shown.get(0);
            byte[] png = Base64.getDecoder().decode((String) picture.data.get("image/png"));
            assertEquals("IEND", new String(png, png.length - 8, 4, StandardCharsets.US_ASCII));
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
            assertEquals(1280, image.getWidth());
            assertEquals(800, image.getHeight());
            assertEquals("[Loss rises.]", picture.data.get("text/plain"));
            assertEquals(Map.of("image/png", Map.of("alt", "Loss rises.", "width", 640)), picture.metadata);
            assertEquals("Figure 3. Loss, 1 seed.", kernel.shown.get(1).data.get("text/markdown"));
            String data = (String) kernel.shown.get(2).data.get("text/html");
            assertTrue(data.contains("Data of Figure 3 as CSV (3 rows)"), data);
            assertTrue(data.contains("<pre>series,step,loss\na,0,0\na,1,1\na,2,2</pre>"), data);
        }
    }

    @Test
    void longDataIsCutAndSaysSo() {
        double[] x = new double[1000];
        Arrays.setAll(x, i -> i);
        String html = new CsvFold(Figure.of("x", "y").line("a", x, x).csv(), "Figure 12. Long.").html();
        assertTrue(html.contains("Data of Figure 12 as CSV (first 200 of 1000 rows)"), html.substring(0, 200));
        assertTrue(html.contains("a,199,199</pre>"), html);
    }

    @Test
    void progressIsUpdatedInPlaceAndThrottled() {
        try (FakeKernel kernel = FakeKernel.start("ijava")) {
            Progress progress = Display.progress("Training");
            for (int i = 0; i <= 10_000; i++) {
                progress.update(i / 10_000.0, "step " + i);
            }
            progress.done("10000 steps");
            progress.close();
            assertEquals(1, kernel.shown.size());
            assertTrue(
                    kernel.updates().size() < 100,
                    "updates: " + kernel.updates().size());
            FakeKernel.DisplayData last = kernel.updates().get(kernel.updates().size() - 1);
            assertEquals(kernel.shown.get(0).id, last.id);
            assertEquals("Training: 10000 steps", last.data.get("text/plain"));
        }
        Progress progress = new Progress("x");
        assertThrows(IllegalArgumentException.class, () -> progress.update(1.5, ""));
        assertThrows(IllegalArgumentException.class, () -> progress.update(Double.NaN, ""));
    }

    @Test
    void tablesAlignNumbersAndKeepSmallOnesVisible() {
        Table table = Table.create(
                StringColumn.create("rule", "additive", "a<b"),
                IntColumn.create("n", 3, 12),
                DoubleColumn.create("loss", 2.34567, 0.0000123),
                DoubleColumn.create("gap", -0.0, Double.NaN));
        try (FakeKernel kernel = FakeKernel.start("ijava")) {
            Display.table(table, "Table 1. Losses.", 3);
            String html = (String) kernel.shown.get(0).data.get("text/html");
            assertTrue(html.contains("<td style=\"text-align:left\">a&lt;b</td>"), html);
            assertTrue(html.contains("<td style=\"text-align:right\">1.230e-05</td>"), html);
            assertEquals(
                    """
                    Table 1. Losses.
                    rule       n       loss    gap
                    additive   3      2.346  0.000
                    a<b       12  1.230e-05""",
                    kernel.shown.get(0).data.get("text/plain"));
        }
    }

    @Test
    void aPngThatIsNoneIsRefused() {
        Exception e = assertThrows(IllegalArgumentException.class, () -> Display.png(new byte[] {1, 2, 3}, "x"));
        assertTrue(e.getMessage().contains("3 bytes"), e.getMessage());
    }

    @Test
    void sourceIsWhatWasCompiled() {
        String method = Source.of(Preset.class, "parse");
        assertTrue(method.startsWith("static Preset parse(String value, String where) {\n"), method);
        assertTrue(method.endsWith("\n}\n"), method);
        String documented = Source.of(Preset.class, "pick");
        assertTrue(documented.startsWith("/** The value for this preset. */\npublic <T> T pick("), documented);
        assertTrue(documented.contains("public int pick("), documented);
        assertTrue(Source.of(Layer.Kind.class).contains("record Layer("));
        assertThrows(IllegalArgumentException.class, () -> Source.of(String.class));
        assertThrows(IllegalArgumentException.class, () -> Source.of(Preset.class, "nowhere"));
        assertFalse(Source.of(Preset.class).contains("\r"));
    }

    @Test
    void cudaFunctionsComeWithTheirComments() {
        String kernel = Source.beside(Delta.class, "delta.cu", "delta_forward");
        assertTrue(kernel.startsWith("// X' = "), kernel);
        assertTrue(kernel.contains(" delta_forward(") && !kernel.contains("delta_backward"), kernel);
        assertTrue(kernel.endsWith("\n}\n"), kernel);
        assertTrue(Source.beside(Delta.class, "delta.cu").contains(kernel));
        String function = Source.beside(Delta.class, "rewrite.cu", "rewrite");
        assertTrue(function.contains("void rewrite(\n") && function.contains("block_sums(sums);"), function);
        assertThrows(IllegalArgumentException.class, () -> Source.beside(Delta.class, "delta.cu", "delta_sideways"));
        assertThrows(IllegalArgumentException.class, () -> Source.beside(Delta.class, "nowhere.cu"));
    }

    @Test
    void presetComesFromOutside() {
        assertEquals(Preset.SMOKE, Preset.parse(" Smoke ", "here"));
        Exception e = assertThrows(IllegalArgumentException.class, () -> Preset.parse("huge", "DDL_PRESET"));
        assertEquals("DDL_PRESET: expected smoke, laptop or paper, got 'huge'", e.getMessage());
        assertEquals(2, Preset.LAPTOP.pick(1, 2, 3));
        assertEquals("c", Preset.PAPER.pick("a", "b", "c"));
    }

    @Test
    void theStampNamesVersionsAndNoTimes() {
        Map<String, String> entries = new Stamp("cpu (float)", 2, 42, Preset.SMOKE).entries();
        assertEquals(
                List.of("Deep Delta Learning", "JDK", "ND4J", "OpenBLAS", "device", "threads", "seed", "preset"),
                List.copyOf(entries.keySet()));
        assertTrue(entries.get("ND4J").matches("1\\.0\\.0-M2\\.1"), entries.get("ND4J"));
        assertTrue(entries.get("OpenBLAS").matches("0\\.3\\.\\d+, core type \\w+"), entries.get("OpenBLAS"));
        assertTrue(entries.get("Deep Delta Learning").matches("\\d+\\.\\d+.*"), entries.toString());
        assertEquals("smoke", entries.get("preset"));
    }

    @Test
    void errorsBelowTheNoiseAreAllAlike() {
        assertEquals("below 1e-12", Numbers.error(3e-16, 1e-12));
        assertEquals("below 1e-12", Numbers.error(0, 1e-12));
        assertEquals("1.3e-07", Numbers.error(1.26e-7, 1e-12));
        assertEquals("0.25", Numbers.error(0.25, 1e-12));
    }
}
