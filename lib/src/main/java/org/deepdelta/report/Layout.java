package org.deepdelta.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Where everything of a figure lies, in logical pixels, the same for both of its forms (pixels and SVG). */
final class Layout {

    static final int TITLE = 14;
    static final int TEXT = 12;

    /** Length of a line sample in the legend. */
    static final int SAMPLE = 24;

    /** Wide enough for a digit of the widest usual font. */
    private static final double CHARACTER = 7.6;

    private static final int ROW = 20;

    /** A series in the legend, and the middle of its sample's left end. */
    record Entry(Layer layer, double x, double y) {}

    final int left;
    final int top;
    final int width;
    final int height;
    final String xLabel;
    final String yLabel;
    final List<Axis.Tick> xTicks;
    final List<Axis.Tick> yTicks;
    final List<Entry> legend = new ArrayList<>();

    /** Layers from back to front, in pixels from the lower left corner of the plot. */
    final List<Layer> layers;

    Layout(Figure figure) {
        Scene natural = Scene.of(figure);
        xLabel = figure.isSideways() ? figure.yLabel() : figure.xLabel();
        yLabel = figure.isSideways() ? figure.xLabel() : figure.yLabel();
        int rows = legend(figure, natural);
        top = 10 + rows * ROW;
        height = figure.height() - top - 48;
        left = 30 + (int) (CHARACTER * widest(yTicks(figure, natural)));
        width = figure.width() - left - 16;
        if (width < 40 || height < 40) {
            throw new IllegalArgumentException(
                    "size: too small for its axes, got " + figure.width() + " x " + figure.height());
        }
        Scene scene = figure.hasEqualAxes() ? natural.equal(width, height) : natural;
        Axis x = axis(scene.x(), figure.isSideways() ? figure.isLogY() : figure.isLogX());
        xTicks = xTicks(figure, x);
        yTicks = yTicks(figure, scene);
        Axis y = yAxis(figure, scene);
        layers = scene.layers().stream().map(l -> place(l, x, y)).toList();
    }

    private static Axis axis(double[] range, boolean log) {
        return new Axis(range[0], range[1], log);
    }

    private static int widest(List<Axis.Tick> ticks) {
        return ticks.stream().mapToInt(t -> t.label().length()).max().orElse(1);
    }

    private Layer place(Layer layer, Axis x, Axis y) {
        return new Layer(
                layer.kind(),
                layer.name(),
                layer.style(),
                Arrays.stream(layer.x()).map(v -> width * x.place(v)).toArray(),
                Arrays.stream(layer.y()).map(v -> height * y.place(v)).toArray(),
                null,
                null);
    }

    private List<Axis.Tick> xTicks(Figure figure, Axis x) {
        List<String> names = figure.categoryNames();
        if (!names.isEmpty() && !figure.isSideways()) {
            return categories(names, x);
        }
        return figure.xTicks() == null ? x.ticks(width / 75) : x.ticks(figure.xTicks());
    }

    private List<Axis.Tick> yTicks(Figure figure, Scene scene) {
        Axis y = yAxis(figure, scene);
        if (!figure.isSideways()) {
            return y.ticks(height / 45);
        }
        List<String> upward = new ArrayList<>(figure.categoryNames());
        Collections.reverse(upward);
        return categories(upward, y);
    }

    private static Axis yAxis(Figure figure, Scene scene) {
        return axis(scene.y(), figure.isLogY() && !figure.isSideways());
    }

    private static List<Axis.Tick> categories(List<String> names, Axis axis) {
        return IntStream.range(0, names.size())
                .mapToObj(i -> new Axis.Tick(axis.place(i), names.get(i)))
                .toList();
    }

    /** Fills the legend from the left, row by row, and says how many rows it took. */
    private int legend(Figure figure, Scene scene) {
        if (!figure.hasLegend()) {
            return 0;
        }
        Map<String, Layer> series = new LinkedHashMap<>();
        for (Layer layer : figure.layers()) {
            if (!layer.name().isEmpty()) {
                series.putIfAbsent(layer.name(), layer);
            }
        }
        for (Layer layer : scene.layers()) {
            series.computeIfPresent(layer.name(), (name, l) -> layer);
        }
        double start = 56;
        double x = start;
        int row = 0;
        for (Layer layer : series.values()) {
            double length = SAMPLE + 6 + CHARACTER * layer.name().length();
            if (x > start && x + length > figure.width() - 8) {
                x = start;
                row++;
            }
            legend.add(new Entry(layer, x, 14 + row * ROW));
            x += length + 12;
        }
        return row + 1;
    }
}
