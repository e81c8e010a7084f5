package org.deepdelta.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A figure as compact SVG, in the same places and style as its pixels: a point is one short path command, and what
 * frames have in common can be written once.
 */
final class FigureSvg {

    /** More points than this are drawn smaller. */
    private static final int MANY = 150;

    private final Figure figure;
    private final Layout layout;

    FigureSvg(Figure figure) {
        this.figure = figure;
        this.layout = new Layout(figure);
    }

    /** The whole drawing. */
    String document() {
        return open() + String.join("", parts()) + "</svg>";
    }

    /** The opening tag of the drawing. */
    String open() {
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + figure.width() + " " + figure.height()
                + "\" width=\"" + figure.width() + "\" role=\"img\" aria-label=\"" + Html.escape(figure.alt())
                + "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">";
    }

    /** What lies between the tags, back to front: axes, each layer, legend. */
    List<String> parts() {
        List<String> parts = new ArrayList<>();
        parts.add(axes());
        for (Layer layer : layout.layers) {
            StringBuilder out = new StringBuilder();
            draw(out, layer);
            // A nested svg clips what lies outside the plot, without an id that would have to be unique in the page.
            parts.add("<svg x=\"" + layout.left + "\" y=\"" + layout.top + "\" width=\"" + layout.width + "\" height=\""
                    + layout.height + "\" fill=\"none\">" + out + "</svg>");
        }
        if (!layout.legend.isEmpty()) {
            parts.add(legend());
        }
        return parts;
    }

    private String axes() {
        int bottom = layout.top + layout.height;
        StringBuilder grid = new StringBuilder();
        StringBuilder labels = new StringBuilder();
        for (Axis.Tick tick : layout.xTicks) {
            double x = layout.left + layout.width * tick.at();
            if (figure.categoryNames().isEmpty() || figure.isSideways()) {
                grid.append("M" + round(x) + " " + layout.top + "v" + layout.height);
            }
            text(labels, tick.label(), x, bottom + 17, "middle", Layout.TEXT);
        }
        for (Axis.Tick tick : layout.yTicks) {
            double y = bottom - layout.height * tick.at();
            if (!figure.isSideways()) {
                grid.append("M" + layout.left + " " + round(y) + "h" + layout.width);
            }
            text(labels, tick.label(), layout.left - 7, y + 4, "end", Layout.TEXT);
        }
        text(labels, layout.xLabel, layout.left + layout.width / 2.0, figure.height() - 9, "middle", Layout.TITLE);
        double middle = layout.top + layout.height / 2.0;
        labels.append("<g transform=\"translate(16 " + round(middle) + ")rotate(-90)\">");
        text(labels, layout.yLabel, 0, 0, "middle", Layout.TITLE);
        labels.append("</g>");
        return "<path stroke=\"" + hex(Style.GRID) + "\" d=\"" + grid + "\"/><path fill=\"none\" stroke=\""
                + hex(Style.GUIDE) + "\" d=\"M" + layout.left + " " + layout.top + "v" + layout.height + "h"
                + layout.width + "\"/>" + labels;
    }

    private void draw(StringBuilder out, Layer layer) {
        int style = layer.style();
        switch (layer.kind()) {
            case AREA, BAND -> {
                boolean area = layer.kind() == Layer.Kind.AREA;
                out.append("<path " + fill(style, area) + (area ? " stroke=\"" + hex(Style.colour(style)) + "\"" : "")
                        + " d=\"" + path(layer.x(), layer.y()) + "Z\"/>");
            }
            case POINTS -> points(out, layer);
            default -> {
                out.append("<path " + stroke(layer) + " d=\"" + path(layer.x(), layer.y()) + "\"/>");
                if (layer.kind() == Layer.Kind.LINE && layer.x().length <= FigureChart.MARKED) {
                    points(out, layer);
                }
            }
        }
    }

    private static String fill(int style, boolean area) {
        return "fill=\"" + hex(Style.colour(style)) + "\" fill-opacity=\"" + (area ? Style.AREA : Style.BAND) + "\"";
    }

    private static String stroke(Layer layer) {
        String width =
                switch (layer.kind()) {
                    case LINE -> "2";
                    case INTERVALS -> "1.5";
                    default -> "1";
                };
        String attributes = "stroke-width=\"" + width + "\" stroke=\"" + hex(Style.colour(layer.style())) + "\"";
        if (layer.kind() == Layer.Kind.RUN) {
            return attributes + " stroke-opacity=\"" + Style.RUN + "\"";
        }
        float[] dash = Style.dash(layer.style());
        if (dash[1] == 0 || layer.kind() == Layer.Kind.INTERVALS) {
            return attributes;
        }
        List<String> lengths = new ArrayList<>();
        for (float length : dash) {
            lengths.add(Integer.toString((int) length));
        }
        return attributes + " stroke-dasharray=\"" + String.join(" ", lengths) + "\"";
    }

    private void points(StringBuilder out, Layer layer) {
        boolean many = layer.x().length > MANY;
        SvgMarker marker = SvgMarker.of(layer.style());
        StringBuilder d = new StringBuilder();
        for (int i = 0; i < layer.x().length; i++) {
            if (Double.isFinite(layer.x()[i]) && Double.isFinite(layer.y()[i])) {
                d.append("M" + round(layer.x()[i]) + " " + down(layer.y()[i]) + marker.path(many ? 2 : 3));
            }
        }
        out.append("<path " + marker.paint(hex(Style.colour(layer.style())), many ? 4 : 6) + " d=\"" + d + "\"/>");
    }

    private String legend() {
        StringBuilder out = new StringBuilder();
        for (Layout.Entry entry : layout.legend) {
            Layer layer = entry.layer();
            String y = round(entry.y());
            double middle = entry.x() + Layout.SAMPLE / 2.0;
            boolean area = layer.kind() == Layer.Kind.AREA;
            if (area || layer.kind() == Layer.Kind.BAND) {
                out.append("<path " + fill(layer.style(), area) + " d=\"M" + round(middle - 7) + " "
                        + round(entry.y() - 6) + "h14v12h-14z\"/>");
            } else if (layer.kind() != Layer.Kind.POINTS) {
                out.append("<path " + stroke(layer) + " d=\"M" + round(entry.x()) + " " + y + "h" + Layout.SAMPLE
                        + "\"/>");
            }
            if (layer.kind() == Layer.Kind.POINTS
                    || layer.kind() == Layer.Kind.LINE && layer.x().length <= FigureChart.MARKED) {
                SvgMarker marker = SvgMarker.of(layer.style());
                out.append("<path " + marker.paint(hex(Style.colour(layer.style())), 6) + " d=\"M" + round(middle) + " "
                        + y + marker.path(3) + "\"/>");
            }
            text(out, layer.name(), entry.x() + Layout.SAMPLE + 6, entry.y() + 4, "start", Layout.TEXT);
        }
        return out.toString();
    }

    private static void text(StringBuilder out, String text, double x, double y, String anchor, int size) {
        out.append("<text x=\"" + round(x) + "\" y=\"" + round(y) + "\" text-anchor=\"" + anchor + "\""
                + (size == Layout.TEXT ? "" : " font-size=\"" + size + "\"") + ">" + Html.escape(text) + "</text>");
    }

    private String path(double[] x, double[] y) {
        StringBuilder d = new StringBuilder();
        boolean gap = true;
        for (int i = 0; i < x.length; i++) {
            if (!Double.isFinite(x[i]) || !Double.isFinite(y[i])) {
                gap = true;
                continue;
            }
            d.append((gap ? "M" : "L") + round(x[i]) + " " + down(y[i]));
            gap = false;
        }
        return d.toString();
    }

    /** SVG counts downward. */
    private String down(double y) {
        return round(layout.height - y);
    }

    private static String hex(Color c) {
        return String.format(Locale.ROOT, "#%06x", c.getRGB() & 0xffffff);
    }

    private static String round(double value) {
        long tenths = Math.round(10 * value);
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : Double.toString(tenths / 10.0);
    }
}
