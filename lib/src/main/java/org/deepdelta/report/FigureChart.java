package org.deepdelta.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A figure as pixels. XChart draws the plot; axes and legend are drawn here, since XChart can neither label a
 * logarithmic axis of less than a decade, nor hold two axes to one unit, nor put points over categories.
 */
final class FigureChart {

    /** Lines of more points than this have no markers. */
    static final int MARKED = 40;

    private static final Color CLEAR = new Color(255, 255, 255, 0);

    private final Figure figure;
    private final Layout layout;

    FigureChart(Figure figure) {
        this.figure = figure;
        this.layout = new Layout(figure);
    }

    BufferedImage image() {
        XYChart chart = chart();
        return Canvas.of(figure.width(), figure.height(), g -> {
            axes(g);
            AffineTransform page = g.getTransform();
            g.translate(layout.left, layout.top);
            chart.paint(g, layout.width, layout.height);
            g.setTransform(page);
            g.setClip(null);
            legend(g);
        });
    }

    private XYChart chart() {
        XYChart chart = new XYChart(layout.width, layout.height);
        XYStyler s = chart.getStyler();
        s.setChartTitleVisible(false);
        s.setLegendVisible(false);
        s.setAxisTitlesVisible(false);
        s.setAxisTicksVisible(false);
        s.setChartBackgroundColor(CLEAR);
        s.setPlotBackgroundColor(CLEAR);
        s.setPlotBorderVisible(false);
        s.setPlotGridLinesVisible(false);
        s.setChartPadding(0);
        s.setPlotMargin(0);
        s.setPlotContentSize(1.0);
        s.setMarkerSize(7);
        s.setXAxisMin(0.0);
        s.setXAxisMax((double) layout.width);
        s.setYAxisMin(0.0);
        s.setYAxisMax((double) layout.height);
        for (int i = 0; i < layout.layers.size(); i++) {
            add(chart, layout.layers.get(i), Integer.toString(i));
        }
        if (layout.layers.isEmpty()) {
            chart.addSeries("empty", new double[] {0}, new double[] {Double.NaN});
        }
        return chart;
    }

    private static void add(XYChart chart, Layer layer, String name) {
        int style = layer.style();
        switch (layer.kind()) {
            case AREA, BAND -> {
                XYSeries s = chart.addSeries(name, layer.x(), layer.y());
                s.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
                boolean area = layer.kind() == Layer.Kind.AREA;
                s.setFillColor(Style.clear(style, area ? Style.AREA : Style.BAND));
                s.setLineColor(area ? Style.colour(style) : CLEAR);
                s.setLineStyle(Style.stroke(0, 1.2f));
                s.setMarker(SeriesMarkers.NONE);
            }
            case GUIDE -> line(chart, layer, name, Style.colour(-1), 1);
            case RUN ->
                line(chart, layer, name, Style.clear(style, Style.RUN), 0.9f).setLineStyle(Style.stroke(0, 0.9f));
            case LINE -> {
                XYSeries s = line(chart, layer, name, Style.colour(style), 2);
                if (layer.x().length <= MARKED) {
                    s.setMarker(Style.marker(style));
                    s.setMarkerColor(Style.colour(style));
                }
            }
            case INTERVALS ->
                line(chart, layer, name, Style.colour(style), 1.5f).setLineStyle(Style.stroke(0, 1.5f));
            default -> {
                XYSeries s = chart.addSeries(name, layer.x(), layer.y());
                s.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
                s.setMarker(Style.marker(style));
                s.setMarkerColor(Style.colour(style));
            }
        }
    }

    private static XYSeries line(XYChart chart, Layer layer, String name, Color colour, float width) {
        XYSeries s = chart.addSeries(name, layer.x(), layer.y());
        s.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
        s.setMarker(SeriesMarkers.NONE);
        s.setLineColor(colour);
        s.setLineStyle(Style.stroke(layer.style(), width));
        return s;
    }

    private void axes(Graphics2D g) {
        int right = layout.left + layout.width;
        int bottom = layout.top + layout.height;
        g.setStroke(Style.stroke(0, 1));
        g.setFont(Style.font(Layout.TEXT));
        for (Axis.Tick tick : layout.yTicks) {
            double y = bottom - layout.height * tick.at();
            if (!figure.isSideways()) {
                g.setColor(Style.GRID);
                g.draw(new Line2D.Double(layout.left, y, right, y));
            }
            text(g, tick.label(), layout.left - 7, y + 4.5, 1);
        }
        for (Axis.Tick tick : layout.xTicks) {
            double x = layout.left + layout.width * tick.at();
            if (figure.categoryNames().isEmpty() || figure.isSideways()) {
                g.setColor(Style.GRID);
                g.draw(new Line2D.Double(x, layout.top, x, bottom));
            }
            text(g, tick.label(), x, bottom + 17, 0.5);
        }
        g.setColor(Style.GUIDE);
        g.draw(new Line2D.Double(layout.left, bottom, right, bottom));
        g.draw(new Line2D.Double(layout.left, layout.top, layout.left, bottom));
        g.setFont(Style.font(Layout.TITLE));
        text(g, layout.xLabel, layout.left + layout.width / 2.0, figure.height() - 9, 0.5);
        AffineTransform page = g.getTransform();
        g.rotate(-Math.PI / 2, 16, layout.top + layout.height / 2.0);
        text(g, layout.yLabel, 16, layout.top + layout.height / 2.0, 0.5);
        g.setTransform(page);
    }

    private void legend(Graphics2D g) {
        g.setFont(Style.font(Layout.TEXT));
        for (Layout.Entry entry : layout.legend) {
            Layer layer = entry.layer();
            double middle = entry.x() + Layout.SAMPLE / 2.0;
            g.setColor(Style.colour(layer.style()));
            switch (layer.kind()) {
                case AREA, BAND -> {
                    g.setColor(Style.clear(layer.style(), layer.kind() == Layer.Kind.AREA ? Style.AREA : Style.BAND));
                    g.fill(new Rectangle2D.Double(middle - 7, entry.y() - 6, 14, 12));
                }
                case POINTS -> Style.marker(layer.style()).paint(g, middle, entry.y(), 7);
                default -> {
                    g.setStroke(Style.stroke(layer.style(), layer.kind() == Layer.Kind.LINE ? 2 : 1));
                    g.draw(new Line2D.Double(entry.x(), entry.y(), entry.x() + Layout.SAMPLE, entry.y()));
                    if (layer.kind() == Layer.Kind.LINE && layer.x().length <= MARKED) {
                        Style.marker(layer.style()).paint(g, middle, entry.y(), 7);
                    }
                }
            }
            text(g, layer.name(), entry.x() + Layout.SAMPLE + 6, entry.y() + 4.5, 0);
        }
    }

    /** Text whose point at {@code anchor} (0 its start, 1 its end) lies at x. */
    private static void text(Graphics2D g, String text, double x, double y, double anchor) {
        g.setColor(Style.INK);
        g.drawString(text, (float) (x - anchor * g.getFontMetrics().stringWidth(text)), (float) y);
    }
}
