package org.deepdelta.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A figure ready to be drawn: bars and strips turned into areas and points, bands and intervals into paths, layers in drawing order, the
 * ranges of both axes, and all of it reflected where categories lie one below the other.
 *
 * @param layers from back to front
 * @param x low and high end of the abscissa
 * @param y low and high end of the ordinate
 */
record Scene(List<Layer> layers, double[] x, double[] y) {

    private static final double GROUP = 0.76;
    private static final double PADDING = 0.04;

    static Scene of(Figure figure) {
        List<Layer> layers = new ArrayList<>();
        List<Layer> grouped = figure.layers().stream()
                .filter(l -> l.kind() == Layer.Kind.BARS || l.kind() == Layer.Kind.STRIP)
                .toList();
        for (Layer layer : figure.layers()) {
            int slot = grouped.indexOf(layer);
            if (slot < 0) {
                layers.add(layer);
            } else if (layer.kind() == Layer.Kind.BARS) {
                layers.addAll(bars(layer, slot, grouped.size()));
            } else {
                layers.add(strip(layer, slot, grouped.size()));
            }
        }
        layers.sort(Comparator.comparing(Layer::kind));
        for (Layer layer : layers) {
            requirePositive(layer, "x", figure.isLogX(), layer.x());
            requirePositive(layer, "y", figure.isLogY(), layer.y());
            requirePositive(layer, "y", figure.isLogY(), layer.lo());
        }
        double[] x = figure.categoryNames().isEmpty()
                ? range(layers, true, figure.xRange(), figure.isLogX())
                : new double[] {-0.5, figure.categoryNames().size() - 0.5};
        double[] y = range(layers, false, figure.yRange(), figure.isLogY());
        List<Layer> drawn = clipGuides(layers, x, y).stream().map(Layer::path).toList();
        return figure.isSideways()
                ? new Scene(
                        drawn.stream()
                                .map(l -> l.turned(figure.categoryNames().size()))
                                .toList(),
                        y,
                        x)
                : new Scene(drawn, x, y);
    }

    /** The same scene with the shorter range widened about its middle until one unit is as long on both axes. */
    Scene equal(double plotWidth, double plotHeight) {
        double perX = (x[1] - x[0]) / plotWidth;
        double perY = (y[1] - y[0]) / plotHeight;
        double unit = Math.max(perX, perY);
        double[] wx = widen(x, unit * plotWidth);
        double[] wy = widen(y, unit * plotHeight);
        return new Scene(clipGuides(layers, wx, wy), wx, wy);
    }

    private static void requirePositive(Layer layer, String axis, boolean log, double[] values) {
        if (log && values != null) {
            for (double value : values) {
                if (value <= 0 && Double.isFinite(value)) {
                    throw new IllegalArgumentException("series '" + layer.name() + "': expected positive " + axis
                            + " on a logarithmic axis, got " + value);
                }
            }
        }
    }

    private static double[] widen(double[] range, double length) {
        double middle = (range[0] + range[1]) / 2;
        return new double[] {middle - length / 2, middle + length / 2};
    }

    private static List<Layer> bars(Layer layer, int slot, int slots) {
        List<Layer> result = new ArrayList<>();
        double width = GROUP / slots;
        for (int i = 0; i < layer.x().length; i++) {
            double left = layer.x()[i] - GROUP / 2 + slot * width;
            double right = left + width * 0.94;
            double top = layer.y()[i];
            result.add(new Layer(
                    Layer.Kind.AREA,
                    layer.name(),
                    layer.style(),
                    new double[] {left, left, right, right, left},
                    new double[] {0, top, top, 0, 0},
                    null,
                    null));
        }
        return result;
    }

    /** Sideways by the golden ratio's multiples: spread evenly, and the same every time. */
    private static Layer strip(Layer layer, int slot, int slots) {
        double width = GROUP / slots;
        double[] x = layer.x().clone();
        for (int i = 0; i < x.length; i++) {
            double spread = (i * 0.6180339887498949) % 1 - 0.5;
            x[i] += -GROUP / 2 + (slot + 0.5) * width + spread * width * 0.5;
        }
        return new Layer(Layer.Kind.POINTS, layer.name(), layer.style(), x, layer.y(), null, null);
    }

    private static double[] range(List<Layer> layers, boolean abscissa, double[] fixed, boolean log) {
        if (fixed != null) {
            return fixed;
        }
        double[] ends = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        boolean fromZero = false;
        for (Layer layer : layers) {
            fromZero |= !abscissa && layer.kind() == Layer.Kind.AREA;
            extend(ends, abscissa ? layer.x() : layer.y(), log);
            if (!abscissa && layer.lo() != null) {
                extend(ends, layer.lo(), log);
                extend(ends, layer.hi(), log);
            }
        }
        if (ends[0] > ends[1]) {
            return log ? new double[] {1, 10} : new double[] {0, 1};
        }
        if (log) {
            double factor = ends[1] > ends[0] ? Math.pow(ends[1] / ends[0], PADDING) : 2;
            return new double[] {ends[0] / factor, ends[1] * factor};
        }
        double pad = ends[1] > ends[0] ? PADDING * (ends[1] - ends[0]) : Math.max(0.5, 0.1 * Math.abs(ends[0]));
        return new double[] {fromZero && ends[0] == 0 ? 0 : ends[0] - pad, ends[1] + pad};
    }

    private static void extend(double[] ends, double[] values, boolean log) {
        for (double value : values) {
            if (Double.isFinite(value) && (!log || value > 0)) {
                ends[0] = Math.min(ends[0], value);
                ends[1] = Math.max(ends[1], value);
            }
        }
    }

    /** Guides that reach across the chart end at its edges; where a range was widened, at the new ones. */
    private static List<Layer> clipGuides(List<Layer> layers, double[] x, double[] y) {
        return layers.stream()
                .map(l -> l.kind() != Layer.Kind.GUIDE || l.x().length != 2
                        ? l
                        : new Layer(
                                l.kind(),
                                l.name(),
                                l.style(),
                                l.x()[0] == l.x()[1] ? l.x() : x,
                                l.y()[0] == l.y()[1] ? l.y() : y,
                                null,
                                null))
                .toList();
    }
}
