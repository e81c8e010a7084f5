package org.deepdelta.report;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A chart over two axes in the house style: no title (the caption says what it is), axis labels with units, colours that
 * colour-blind readers tell apart, a marker and a line style of its own for every series.
 *
 * <p>Layers of the same series name share colour, marker and style, so that {@code band("DDL", ...)} and
 * {@code line("DDL", ...)} belong together. Layers are drawn bands first, then lines, then points.
 */
public final class Figure implements Picture {

    private final String xLabel;
    private final String yLabel;
    private final List<String> categories;
    private final List<Layer> layers = new ArrayList<>();
    private final Map<String, Integer> styles = new LinkedHashMap<>();
    private int width = 640;
    private int height = 400;
    private double[] xRange;
    private double[] yRange;
    private double[] xTicks;
    private boolean logX;
    private boolean logY;
    private boolean equalAxes;
    private boolean sideways;
    private boolean legend = true;
    private String alt;

    private Figure(String xLabel, String yLabel, List<String> categories) {
        this.xLabel = xLabel;
        this.yLabel = yLabel;
        this.categories = categories;
    }

    /** A chart with these axis labels, units included, as "time (s)". */
    public static Figure of(String xLabel, String yLabel) {
        return new Figure(xLabel, yLabel, List.of());
    }

    /** A chart whose abscissa is these categories, in this order, at 0, 1, 2, ... */
    public static Figure categories(String xLabel, String yLabel, String... categories) {
        return new Figure(xLabel, yLabel, List.of(categories));
    }

    /** Logical size; 640 by 400 unless said otherwise. */
    public Figure size(int width, int height) {
        this.width = width;
        this.height = height;
        return this;
    }

    /** A line; with markers where there are at most 40 points. Non-finite values leave a gap. */
    public Figure line(String name, double[] x, double[] y) {
        return add(Layer.Kind.LINE, name, x, y, null, null);
    }

    /** One pale line a run (seed), {@code y[run][point]}, under whatever else the series has; call {@link #line} for their mean. */
    public Figure runs(String name, double[] x, double[][] y) {
        for (double[] run : y) {
            add(Layer.Kind.RUN, name, x, run, null, null);
        }
        return this;
    }

    /** The region between two curves. */
    public Figure band(String name, double[] x, double[] lo, double[] hi) {
        return add(Layer.Kind.BAND, name, x, hi, lo, hi);
    }

    /** Points. */
    public Figure points(String name, double[] x, double[] y) {
        return add(Layer.Kind.POINTS, name, x, y, null, null);
    }

    /** Points with an interval each, from {@code lo} to {@code hi}. The caption says which interval it is. */
    public Figure intervals(String name, double[] x, double[] y, double[] lo, double[] hi) {
        add(Layer.Kind.INTERVALS, name, x, y, lo, hi);
        return add(Layer.Kind.POINTS, name, x, y, null, null);
    }

    /** Complex numbers as points; see {@link #unitCircle} and {@link #equalAxes}. */
    public Figure complex(String name, double[] re, double[] im) {
        return points(name, re, im);
    }

    /** One bar a category; several series stand side by side. */
    public Figure bars(String name, double[] values) {
        return add(Layer.Kind.BARS, name, positions(values.length), values, null, null);
    }

    /**
     * The categories one below the other, the first at the top, and values along the abscissa: for many categories, or long names. Series are
     * given as without it.
     */
    public Figure sideways() {
        if (categories.isEmpty()) {
            throw new IllegalArgumentException("sideways: expected categories; start with Figure.categories(...)");
        }
        sideways = true;
        return this;
    }

    /** Raw values over each category, {@code values[category][i]}, spread sideways so that none hides another. */
    public Figure strip(String name, double[][] values) {
        positions(values.length);
        double[] x = new double[Arrays.stream(values).mapToInt(v -> v.length).sum()];
        double[] y = new double[x.length];
        int n = 0;
        for (int c = 0; c < values.length; c++) {
            for (double value : values[c]) {
                x[n] = c;
                y[n++] = value;
            }
        }
        return add(Layer.Kind.STRIP, name, x, y, null, null);
    }

    /** Counts of values in {@code bins} bins of equal width from the smallest to the largest finite value. */
    public Figure histogram(String name, double[] values, int bins) {
        double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
        if (finite.length == 0 || bins < 1) {
            throw new IllegalArgumentException("histogram '" + name
                    + "': expected at least one finite value and one bin, got " + finite.length + " and " + bins);
        }
        double lo = Arrays.stream(finite).min().getAsDouble();
        double hi = Arrays.stream(finite).max().getAsDouble();
        double step = hi > lo ? (hi - lo) / bins : 1;
        double[] count = new double[bins];
        for (double value : finite) {
            count[Math.min(bins - 1, (int) ((value - lo) / step))]++;
        }
        double[] x = new double[2 * bins + 2];
        double[] y = new double[2 * bins + 2];
        for (int i = 0; i <= bins; i++) {
            x[2 * i] = lo + i * step;
            x[2 * i + 1] = x[2 * i];
            y[2 * i + 1] = i < bins ? count[i] : 0;
            y[2 * i] = i > 0 ? count[i - 1] : 0;
        }
        return add(Layer.Kind.AREA, name, x, y, null, null);
    }

    /** A grey dashed line at an ordinate, across the chart; named in the legend unless the name is empty. */
    public Figure horizontal(double y, String name) {
        return guide(name, new double[] {Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY}, new double[] {y, y});
    }

    /** A grey dashed line at an abscissa, across the chart; named in the legend unless the name is empty. */
    public Figure vertical(double x, String name) {
        return guide(name, new double[] {x, x}, new double[] {Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY});
    }

    /** The unit circle as a grey dashed line. */
    public Figure unitCircle() {
        int n = 181;
        double[] x = new double[n];
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = Math.cos(2 * Math.PI * i / (n - 1));
            y[i] = Math.sin(2 * Math.PI * i / (n - 1));
        }
        return guide("", x, y);
    }

    /** One unit is as long on both axes. */
    public Figure equalAxes() {
        equalAxes = true;
        return this;
    }

    /** Range of the abscissa; frames of one slider need it. */
    public Figure xRange(double lo, double hi) {
        xRange = range("xRange", lo, hi);
        return this;
    }

    /** Range of the ordinate; frames of one slider need it. */
    public Figure yRange(double lo, double hi) {
        yRange = range("yRange", lo, hi);
        return this;
    }

    /** The abscissae to label, in place of round values: 1, 2, 4, 8 on a logarithmic axis. */
    public Figure xTicks(double... values) {
        xTicks = values.clone();
        return this;
    }

    /** Logarithmic abscissa; all x must be positive. */
    public Figure logX() {
        logX = true;
        return this;
    }

    /** Logarithmic ordinate; all y must be positive. */
    public Figure logY() {
        logY = true;
        return this;
    }

    /** Whether the legend is shown; it is, where there are two series or more. */
    public Figure legend(boolean shown) {
        legend = shown;
        return this;
    }

    /** The sentence that describes the figure; without it one is made from the labels and the series. */
    public Figure alt(String sentence) {
        alt = sentence;
        return this;
    }

    @Override
    public BufferedImage image() {
        return new FigureChart(this).image();
    }

    /** As an SVG drawing of its own: small, for many points or many frames. */
    public String svg() {
        return new FigureSvg(this).document();
    }

    /** As a PNG file at twice the logical size. */
    public byte[] png() {
        return Png.encode(image());
    }

    @Override
    public String alt() {
        if (alt != null) {
            return alt;
        }
        String series = String.join(", ", styles.keySet());
        return "Chart of " + yLabel + " against " + xLabel + (series.isEmpty() ? "" : ": " + series);
    }

    @Override
    public String csv() {
        return new FigureCsv(this).text();
    }

    String xLabel() {
        return xLabel;
    }

    String yLabel() {
        return yLabel;
    }

    List<String> categoryNames() {
        return categories;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** Low and high end as set, or null. */
    double[] xRange() {
        return xRange;
    }

    /** Low and high end as set, or null. */
    double[] yRange() {
        return yRange;
    }

    /** Abscissae to label, or null. */
    double[] xTicks() {
        return xTicks;
    }

    boolean isLogX() {
        return logX;
    }

    boolean isLogY() {
        return logY;
    }

    boolean isSideways() {
        return sideways;
    }

    boolean hasEqualAxes() {
        return equalAxes;
    }

    boolean hasLegend() {
        Set<String> names = new LinkedHashSet<>();
        layers.stream().map(Layer::name).filter(n -> !n.isEmpty()).forEach(names::add);
        return legend && names.size() > 1;
    }

    List<Layer> layers() {
        return List.copyOf(layers);
    }

    private Figure guide(String name, double[] x, double[] y) {
        layers.add(new Layer(Layer.Kind.GUIDE, name, -1, x, y, null, null));
        return this;
    }

    private Figure add(Layer.Kind kind, String name, double[] x, double[] y, double[] lo, double[] hi) {
        for (double[] other : new double[][] {y, lo, hi}) {
            if (other != null && other.length != x.length) {
                throw new IllegalArgumentException("series '" + name + "': expected as many values as abscissae, "
                        + x.length + ", got " + other.length);
            }
        }
        int style = styles.computeIfAbsent(name, n -> styles.size());
        layers.add(new Layer(kind, name, style, x.clone(), y.clone(), copy(lo), copy(hi)));
        return this;
    }

    private static double[] copy(double[] values) {
        return values == null ? null : values.clone();
    }

    private double[] positions(int n) {
        if (n != categories.size()) {
            throw new IllegalArgumentException("expected one entry for each of the " + categories.size()
                    + " categories, got " + n + "; start with Figure.categories(...)");
        }
        double[] x = new double[n];
        Arrays.setAll(x, i -> i);
        return x;
    }

    private static double[] range(String what, double lo, double hi) {
        if (!(lo < hi)) {
            throw new IllegalArgumentException(
                    what + ": expected a low end below the high end, got " + lo + " and " + hi);
        }
        return new double[] {lo, hi};
    }
}
