package org.deepdelta.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A figure as compact SVG, in the same style as XChart draws it: a point is one short path command, so that a slider of
 * many frames stays small.
 */
final class FigureSvg {

    private static final int LEFT = 58;
    private static final int RIGHT = 12;
    private static final int TOP = 8;
    private static final int BOTTOM = 46;
    private static final int LEGEND = 22;

    private final Figure figure;
    private final int top;
    private final int plotWidth;
    private final int plotHeight;
    private final Scene scene;
    private final StringBuilder out = new StringBuilder();

    FigureSvg(Figure figure) {
        this.figure = figure;
        this.top = TOP + (figure.hasLegend() ? LEGEND : 0);
        this.plotWidth = figure.width() - LEFT - RIGHT;
        this.plotHeight = figure.height() - top - BOTTOM;
        Scene natural = Scene.of(figure);
        this.scene = figure.hasEqualAxes() ? natural.equal(plotWidth, plotHeight) : natural;
    }

    /** The whole drawing. */
    String document() {
        out.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
                .append(figure.width())
                .append(' ')
                .append(figure.height())
                .append("\" width=\"")
                .append(figure.width())
                .append("\" role=\"img\" aria-label=\"")
                .append(Html.escape(figure.alt()))
                .append("\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">");
        axes();
        // A nested svg clips what lies outside the plot, without an id that would have to be unique in the page.
        out.append(String.format(
                Locale.ROOT,
                "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\">",
                LEFT,
                top,
                plotWidth,
                plotHeight));
        scene.layers().forEach(this::layer);
        out.append("</svg>");
        legend();
        return out.append("</svg>").toString();
    }

    private void axes() {
        StringBuilder grid = new StringBuilder();
        StringBuilder labels = new StringBuilder();
        if (figure.categoryNames().isEmpty()) {
            TickText text = TickText.of(scene.x());
            for (double tick : ticks(scene.x(), plotWidth / 80, figure.isLogX())) {
                String px = round(LEFT + px(tick));
                grid.append('M').append(px).append(' ').append(top).append('v').append(plotHeight);
                label(labels, px, top + plotHeight + 16, "middle", figure.isLogX() ? power(tick) : text.text(tick));
            }
        } else {
            for (int i = 0; i < figure.categoryNames().size(); i++) {
                label(
                        labels,
                        round(LEFT + px(i)),
                        top + plotHeight + 16,
                        "middle",
                        figure.categoryNames().get(i));
            }
        }
        TickText text = TickText.of(scene.y());
        for (double tick : ticks(scene.y(), plotHeight / 50, figure.isLogY())) {
            String py = round(top + py(tick));
            grid.append('M').append(LEFT).append(' ').append(py).append('h').append(plotWidth);
            label(labels, "" + (LEFT - 6), top + py(tick) + 4, "end", figure.isLogY() ? power(tick) : text.text(tick));
        }
        out.append("<path stroke=\"#e4e4e4\" d=\"").append(grid).append("\"/>").append(labels);
        out.append(String.format(
                Locale.ROOT,
                "<text font-size=\"14\" text-anchor=\"middle\" x=\"%d\" y=\"%d\">%s</text>",
                LEFT + plotWidth / 2,
                figure.height() - 8,
                Html.escape(figure.xLabel())));
        out.append(String.format(
                Locale.ROOT,
                "<text font-size=\"14\" text-anchor=\"middle\" transform=\"translate(15 %d)rotate(-90)\">%s</text>",
                top + plotHeight / 2,
                Html.escape(figure.yLabel())));
    }

    private static void label(StringBuilder labels, String x, double y, String anchor, String text) {
        labels.append(String.format(
                Locale.ROOT,
                "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>",
                x,
                round(y),
                anchor,
                Html.escape(text)));
    }

    private void layer(Layer layer) {
        int style = layer.style();
        switch (layer.kind()) {
            case AREA, BAND -> {
                double[][] outline = layer.outline();
                boolean area = layer.kind() == Layer.Kind.AREA;
                out.append("<path fill=\"").append(hex(Style.pale(style, area ? 0.45 : 0.2)));
                out.append(area ? "\" stroke=\"" + hex(Style.colour(style)) : "")
                        .append("\" d=\"")
                        .append(path(outline[0], outline[1]))
                        .append("Z\"/>");
            }
            case GUIDE -> stroke(layer, Style.colour(-1), "1");
            case RUN -> stroke(layer, Style.pale(style, 0.4), "0.9");
            case LINE -> {
                stroke(layer, Style.colour(style), "2");
                if (layer.x().length <= FigureChart.MARKED) {
                    points(layer);
                }
            }
            case INTERVALS -> {
                StringBuilder d = new StringBuilder();
                for (int i = 0; i < layer.x().length; i++) {
                    d.append('M').append(round(px(layer.x()[i]))).append(' ').append(round(py(layer.lo()[i])));
                    d.append('V').append(round(py(layer.hi()[i])));
                }
                out.append("<path stroke-width=\"1.5\" stroke=\"")
                        .append(hex(Style.colour(style)))
                        .append("\" d=\"")
                        .append(d)
                        .append("\"/>");
            }
            default -> points(layer);
        }
    }

    private void stroke(Layer layer, Color colour, String width) {
        float[] dash = Style.dash(layer.style());
        out.append("<path stroke-width=\"").append(width).append("\" stroke=\"").append(hex(colour));
        if (dash[1] > 0) {
            List<String> parts = new ArrayList<>();
            for (float part : dash) {
                parts.add(Integer.toString((int) part));
            }
            out.append("\" stroke-dasharray=\"").append(String.join(" ", parts));
        }
        out.append("\" d=\"").append(path(layer.x(), layer.y())).append("\"/>");
    }

    /** All points of a layer as one path: a round cap on a line of no length is a disc, a flat one a square. */
    private void points(Layer layer) {
        boolean many = layer.x().length > 150;
        StringBuilder d = new StringBuilder();
        for (int i = 0; i < layer.x().length; i++) {
            if (Double.isFinite(layer.x()[i]) && Double.isFinite(layer.y()[i])) {
                d.append('M').append(round(px(layer.x()[i]))).append(' ').append(round(py(layer.y()[i])));
                d.append(SvgMarker.of(layer.style()).path(many ? 2 : 3));
            }
        }
        out.append("<path ")
                .append(SvgMarker.of(layer.style()).paint(hex(Style.colour(layer.style())), many ? 4 : 6))
                .append(" d=\"")
                .append(d)
                .append("\"/>");
    }

    private void legend() {
        if (!figure.hasLegend()) {
            return;
        }
        Map<String, Layer> entries = new LinkedHashMap<>();
        for (Layer layer : scene.layers()) {
            if (!layer.name().isEmpty()) {
                entries.put(layer.name(), layer);
            }
        }
        double x = LEFT;
        for (Map.Entry<String, Layer> entry : entries.entrySet()) {
            Layer layer = entry.getValue();
            String colour = hex(Style.colour(layer.style()));
            if (layer.kind() == Layer.Kind.POINTS) {
                out.append("<path ")
                        .append(SvgMarker.of(layer.style()).paint(colour, 6))
                        .append(" d=\"M")
                        .append(round(x + 9))
                        .append(" 14")
                        .append(SvgMarker.of(layer.style()).path(3))
                        .append("\"/>");
            } else {
                out.append("<path stroke-width=\"2\" stroke=\"")
                        .append(colour)
                        .append("\" d=\"M")
                        .append(round(x))
                        .append(" 14h18\"/>");
            }
            label(out, round(x + 24), 18, "start", entry.getKey());
            x += 40 + 7 * entry.getKey().length();
        }
    }

    private String path(double[] x, double[] y) {
        StringBuilder d = new StringBuilder();
        boolean gap = true;
        for (int i = 0; i < x.length; i++) {
            if (!Double.isFinite(x[i]) || !Double.isFinite(y[i])) {
                gap = true;
                continue;
            }
            d.append(gap ? 'M' : 'L').append(round(px(x[i]))).append(' ').append(round(py(y[i])));
            gap = false;
        }
        return d.toString();
    }

    private double px(double value) {
        return plotWidth * place(value, scene.x(), figure.isLogX());
    }

    private double py(double value) {
        return plotHeight * (1 - place(value, scene.y(), figure.isLogY()));
    }

    private static double place(double value, double[] range, boolean log) {
        return log
                ? Math.log(value / range[0]) / Math.log(range[1] / range[0])
                : (value - range[0]) / (range[1] - range[0]);
    }

    static List<Double> ticks(double[] range, int wanted, boolean log) {
        List<Double> ticks = new ArrayList<>();
        if (log) {
            for (int e = (int) Math.ceil(Math.log10(range[0])); Math.pow(10, e) <= range[1]; e++) {
                ticks.add(Math.pow(10, e));
            }
            return ticks;
        }
        double raw = (range[1] - range[0]) / Math.max(2, wanted);
        double ten = Math.pow(10, Math.floor(Math.log10(raw)));
        double step = raw / ten <= 1 ? ten : raw / ten <= 2 ? 2 * ten : raw / ten <= 5 ? 5 * ten : 10 * ten;
        for (long i = (long) Math.ceil(range[0] / step - 1e-9); i * step <= range[1] + 1e-9 * step; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private static String power(double value) {
        long e = Math.round(Math.log10(value));
        return e >= -2 && e <= 3
                ? Numbers.significant(value)
                : "1e" + Long.toString(e).replace('-', '\u2212');
    }

    private static String hex(Color c) {
        return String.format(Locale.ROOT, "#%06x", c.getRGB() & 0xffffff);
    }

    private static String round(double value) {
        long tenths = Math.round(10 * value);
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : Double.toString(tenths / 10.0);
    }
}
