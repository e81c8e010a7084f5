package org.deepdelta.report;

import java.awt.Color;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws a figure with XChart. */
record FigureChart(Figure figure) {

    /** Lines of more points than this have no markers. */
    static final int MARKED = 40;

    private static final int CATEGORY_STRIP = 36;

    BufferedImage image() {
        boolean categories = !figure.categoryNames().isEmpty();
        int chartHeight = figure.height() - (categories ? CATEGORY_STRIP : 0);
        return Canvas.of(figure.width(), figure.height(), g -> {
            Scene scene = Scene.of(figure);
            if (figure.hasEqualAxes()) {
                scene = equal(scene, g);
            }
            XYChart chart = chart(scene);
            chart.paint(g, figure.width(), chartHeight);
            if (categories) {
                paintCategories(g, chart, chartHeight);
            }
        });
    }

    /** XChart tells the size of its plot only after painting, and ranges change it a little: twice is enough. */
    private Scene equal(Scene scene, Graphics2D g) {
        Scene result = scene;
        for (int pass = 0; pass < 2; pass++) {
            XYChart probe = chart(result);
            probe.paint(g, figure.width(), figure.height());
            double width = probe.getScreenXFromChart(result.x()[1]) - probe.getScreenXFromChart(result.x()[0]);
            double height = probe.getScreenYFromChart(result.y()[0]) - probe.getScreenYFromChart(result.y()[1]);
            result = scene.equal(width, height);
            g.setColor(Color.WHITE);
            g.fillRect(0, 0, figure.width(), figure.height());
        }
        return result;
    }

    private XYChart chart(Scene scene) {
        XYChart chart = new XYChart(figure.width(), figure.height());
        chart.setXAxisTitle(figure.categoryNames().isEmpty() ? figure.xLabel() : "");
        chart.setYAxisTitle(figure.yLabel());
        style(chart.getStyler(), scene);
        Set<String> named = new HashSet<>();
        List<Layer> layers = scene.layers();
        for (int i = 0; i < layers.size(); i++) {
            boolean legend = !layers.get(i).name().isEmpty()
                    && represents(layers, i)
                    && named.add(layers.get(i).name());
            add(
                    chart,
                    layers.get(i),
                    legend ? layers.get(i).name() : layers.get(i).name() + "\u0000" + i,
                    legend);
        }
        return chart;
    }

    /** Whether this layer stands for its series in the legend: its line or points, else its area, else what there is. */
    private static boolean represents(List<Layer> layers, int i) {
        Layer layer = layers.get(i);
        return layers.stream()
                .filter(l -> l.name().equals(layer.name()))
                .map(Layer::kind)
                .filter(k -> k == Layer.Kind.LINE || k == Layer.Kind.POINTS)
                .findFirst()
                .map(k -> k == layer.kind())
                .orElse(true);
    }

    private void style(XYStyler s, Scene scene) {
        s.setChartTitleVisible(false);
        s.setChartBackgroundColor(Color.WHITE);
        s.setPlotBackgroundColor(Color.WHITE);
        s.setPlotBorderVisible(false);
        s.setChartFontColor(Style.INK);
        s.setChartPadding(6);
        s.setPlotContentSize(1.0);
        s.setPlotMargin(0);
        s.setPlotGridLinesColor(Style.GRID);
        s.setPlotGridLinesStroke(Style.stroke(0, 1));
        s.setAxisTitleFont(Style.font(14));
        s.setAxisTickLabelsFont(Style.font(12));
        s.setAxisTickLabelsColor(Style.INK);
        s.setAxisTickMarksColor(Style.GUIDE);
        s.setLegendFont(Style.font(12));
        s.setLegendVisible(figure.hasLegend());
        s.setLegendPosition(Styler.LegendPosition.OutsideS);
        s.setLegendLayout(Styler.LegendLayout.Horizontal);
        s.setLegendBorderColor(Color.WHITE);
        s.setLegendPadding(4);
        s.setLegendSeriesLineLength(30);
        s.setMarkerSize(7);
        s.setLocale(Locale.ROOT);
        s.setXAxisLogarithmic(figure.isLogX());
        s.setYAxisLogarithmic(figure.isLogY());
        s.setXAxisMin(scene.x()[0]);
        s.setXAxisMax(scene.x()[1]);
        s.setYAxisMin(scene.y()[0]);
        s.setYAxisMax(scene.y()[1]);
        s.setYAxisLabelAlignment(AxesChartStyler.TextAlignment.Right);
        if (!figure.categoryNames().isEmpty()) {
            s.setXAxisTicksVisible(false);
            s.setXAxisTitleVisible(false);
            s.setPlotGridVerticalLinesVisible(false);
        }
        if (!figure.isLogX()) {
            s.setxAxisTickLabelsFormattingFunction(TickText.of(scene.x())::text);
        }
        if (!figure.isLogY()) {
            s.setyAxisTickLabelsFormattingFunction(TickText.of(scene.y())::text);
        }
    }

    private static void add(XYChart chart, Layer layer, String name, boolean legend) {
        int style = layer.style();
        switch (layer.kind()) {
            case AREA, BAND -> {
                double[][] outline = layer.outline();
                XYSeries s = chart.addSeries(name, outline[0], outline[1]);
                s.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
                boolean area = layer.kind() == Layer.Kind.AREA;
                s.setFillColor(Style.pale(style, area ? 0.45 : 0.2));
                s.setLineColor(area ? Style.colour(style) : Style.pale(style, 0.2));
                s.setLineStyle(Style.stroke(0, area ? 1.2f : 0.1f));
                s.setMarker(SeriesMarkers.NONE);
                s.setShowInLegend(legend);
            }
            case GUIDE -> line(chart, layer, name, legend, Style.colour(-1), 1);
            case RUN -> line(chart, layer, name, legend, Style.pale(style, 0.4), 0.9f);
            case LINE -> {
                XYSeries s = line(chart, layer, name, legend, Style.colour(style), 2);
                if (layer.x().length <= MARKED) {
                    s.setMarker(Style.marker(style));
                    s.setMarkerColor(Style.colour(style));
                }
            }
            case INTERVALS -> {
                double[][] strokes = strokes(layer);
                Layer stems = new Layer(layer.kind(), layer.name(), style, strokes[0], strokes[1], null, null);
                line(chart, stems, name, legend, Style.colour(style), 1.5f).setLineStyle(Style.stroke(0, 1.5f));
            }
            default -> {
                XYSeries s = chart.addSeries(name, layer.x(), layer.y());
                s.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
                s.setMarker(Style.marker(style));
                s.setMarkerColor(Style.colour(style));
                s.setShowInLegend(legend);
            }
        }
    }

    private static XYSeries line(XYChart chart, Layer layer, String name, boolean legend, Color colour, float width) {
        XYSeries s = chart.addSeries(name, layer.x(), layer.y());
        s.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
        s.setMarker(SeriesMarkers.NONE);
        s.setLineColor(colour);
        s.setLineStyle(Style.stroke(layer.style(), width));
        s.setShowInLegend(legend);
        return s;
    }

    /** Every interval as a stroke of its own: x twice, then a gap. */
    private static double[][] strokes(Layer layer) {
        double[] x = new double[3 * layer.x().length];
        double[] y = new double[x.length];
        Arrays.fill(y, Double.NaN);
        for (int i = 0; i < layer.x().length; i++) {
            Arrays.fill(x, 3 * i, 3 * i + 3, layer.x()[i]);
            y[3 * i] = layer.lo()[i];
            y[3 * i + 1] = layer.hi()[i];
        }
        return new double[][] {x, y};
    }

    private void paintCategories(Graphics2D g, XYChart chart, int top) {
        g.setColor(Style.INK);
        g.setFont(Style.font(12));
        List<String> names = new ArrayList<>(figure.categoryNames());
        for (int i = 0; i < names.size(); i++) {
            centred(g, names.get(i), chart.getScreenXFromChart(i), top + 10);
        }
        g.setFont(Style.font(14));
        double middle = chart.getScreenXFromChart((names.size() - 1) / 2.0);
        centred(g, figure.xLabel(), middle, top + CATEGORY_STRIP - 6);
    }

    private static void centred(Graphics2D g, String text, double x, int y) {
        FontMetrics metrics = g.getFontMetrics();
        g.drawString(text, (float) (x - metrics.stringWidth(text) / 2.0), y);
    }
}
