package org.deepdelta.report;

import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.knowm.xchart.internal.chartpart.Chart;
import tech.tablesaw.api.Table;

/**
 * Rich output of a notebook cell. Each method publishes one or more outputs in the kernel that is running (IJava 1.3
 * and 1.4, JJava, or the project's own) and returns nothing, so that a cell may end with it; where there is no kernel
 * it prints the plain-text form to standard output.
 */
public final class Display {

    private Display() {}

    /** Plain text, as one output of its own. */
    public static void text(String text) {
        show(Output.text(text));
    }

    /** A piece of HTML. Where HTML cannot be shown, its text without tags is. */
    public static void html(String html) {
        html(html, Html.plain(html));
    }

    /** A piece of HTML, and what to print where HTML cannot be shown. */
    public static void html(String html, String plain) {
        show(Output.text(plain).with("text/html", html));
    }

    /** Markdown; {@code $...$} is mathematics. */
    public static void markdown(String markdown) {
        show(Output.text(markdown).with("text/markdown", markdown));
    }

    /** A displayed formula in LaTeX, without delimiters. */
    public static void latex(String formula) {
        show(Output.text(formula).with("text/latex", "$$" + formula + "$$"));
    }

    /**
     * An SVG drawing with a width and a viewBox, and a sentence for those who cannot see it. It is published as an image
     * inside HTML, since nbconvert strips outputs of type image/svg+xml of everything but their text.
     */
    public static void svg(String svg, String alt) {
        String data = Base64.getEncoder().encodeToString(svg.getBytes(StandardCharsets.UTF_8));
        html("<img alt=\"" + Html.escape(alt) + "\" src=\"data:image/svg+xml;base64," + data + "\">", "[" + alt + "]");
    }

    /** An image at twice its logical size, with a sentence for those who cannot see it. */
    public static void png(BufferedImage image, String alt) {
        show(image(Png.encode(image), image.getWidth() / 2, alt));
    }

    /** A PNG file at twice its logical size, with a sentence for those who cannot see it. */
    public static void png(byte[] png, String alt) {
        show(image(png, Png.width(png) / 2, alt));
    }

    /**
     * A table with its caption above ("Table 2. ..."), as HTML; numbers are printed to {@code digits} digits after the
     * point, in scientific notation where that would show fewer than two significant ones.
     */
    public static void table(Table table, String caption, int digits) {
        TableText text = new TableText(table, caption, digits);
        html(text.html(), text.plain());
    }

    /**
     * A figure: the picture, the caption beneath it as Markdown ("Figure 3. ...": data, n, seeds and what the error bars
     * are), and the data as CSV behind a fold that print leaves out.
     */
    public static void figure(Picture picture, String caption) {
        png(picture.image(), picture.alt());
        markdown(caption);
        data(picture.csv(), caption);
    }

    /** An XChart chart as it is, with the sentence that describes it and the caption beneath. */
    public static void chart(Chart<?, ?> chart, String alt, String caption) {
        png(
                Canvas.of(
                        chart.getWidth(), chart.getHeight(), g -> chart.paint(g, chart.getWidth(), chart.getHeight())),
                alt);
        markdown(caption);
    }

    /**
     * A slider over frames, with the caption beneath. In print, and where scripts do not run, it is small multiples of
     * some of them.
     */
    public static void frames(Frames frames, String caption) {
        html(frames.html(), "[" + frames.alt() + "]");
        markdown(caption);
    }

    /** Progress of something long, shown in one output that is updated in place. */
    public static Progress progress(String what) {
        return new Progress(what);
    }

    /** The source of a class of this library, as it was compiled. */
    public static void source(Class<?> type) {
        markdown("```java\n" + Source.of(type) + "```\n");
    }

    /** The source of one method of a class of this library (all of that name), with its documentation. */
    public static void source(Class<?> type, String method) {
        markdown("```java\n" + Source.of(type, method) + "```\n");
    }

    /** A CUDA source that lies beside a class of this library, as it is compiled for a GPU. */
    public static void cuda(Class<?> type, String file) {
        markdown("```cpp\n" + Source.beside(type, file) + "```\n");
    }

    /** One function of a CUDA source (all of that name), with the comment above it. */
    public static void cuda(Class<?> type, String file, String function) {
        markdown("```cpp\n" + Source.beside(type, file, function) + "```\n");
    }

    /** The data of a figure as CSV, folded; {@code title} names it, "Figure 3" in the caption of figure 3. */
    public static void data(String csv, String title) {
        html(new CsvFold(csv, title).html(), "");
    }

    static void show(Output output) {
        Optional<RunningKernel> kernel = RunningKernel.find();
        if (kernel.isPresent()) {
            kernel.get().show(output, null);
        } else if (!output.plain().isEmpty()) {
            System.out.println(output.plain());
        }
    }

    private static Output image(byte[] png, int width, String alt) {
        return Output.text("[" + alt + "]")
                .with("image/png", Base64.getEncoder().encodeToString(png))
                .describe("image/png", Map.of("alt", alt, "width", width));
    }
}
