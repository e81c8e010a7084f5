package org.deepdelta.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;

/** A matrix as colours, light to dark through one hue order that prints in grey and that colour-blind readers can read. */
public final class HeatMap implements Picture {

    private static final Color[] COLOURS = {
        new Color(0xfffde0), new Color(0xa6dba0), new Color(0x35a3a3), new Color(0x2166ac), new Color(0x1a1447)
    };

    private static final int TOP = 10;

    private final String xLabel;
    private final String yLabel;
    private final String valueLabel;
    private final String[] xs;
    private final String[] ys;
    private final double[][] values;
    private int width = 640;
    private int height = 400;
    private double low = Double.NaN;
    private double high = Double.NaN;
    private String alt;

    private HeatMap(String xLabel, String yLabel, String valueLabel, String[] xs, String[] ys, double[][] values) {
        this.xLabel = xLabel;
        this.yLabel = yLabel;
        this.valueLabel = valueLabel;
        this.xs = xs;
        this.ys = ys;
        this.values = values;
    }

    /**
     * {@code values[y][x]}, row 0 at the bottom.
     *
     * @param valueLabel what the colours mean, with units
     * @param xs names of the columns
     * @param ys names of the rows
     * @throws IllegalArgumentException where the matrix has another shape than its names
     */
    public static HeatMap of(
            String xLabel, String yLabel, String valueLabel, String[] xs, String[] ys, double[][] values) {
        if (values.length != ys.length || Arrays.stream(values).anyMatch(row -> row.length != xs.length)) {
            throw new IllegalArgumentException("values: expected shape [" + ys.length + ", " + xs.length + "], got ["
                    + values.length + ", " + (values.length == 0 ? 0 : values[0].length) + "]");
        }
        return new HeatMap(xLabel, yLabel, valueLabel, xs.clone(), ys.clone(), values);
    }

    /** Logical size; 640 by 400 unless said otherwise. */
    public HeatMap size(int width, int height) {
        this.width = width;
        this.height = height;
        return this;
    }

    /**
     * The values at the two ends of the colours, for maps that are to be compared; the smallest and the largest value unless said otherwise.
     *
     * @throws IllegalArgumentException unless lo is below hi
     */
    public HeatMap range(double lo, double hi) {
        if (!(lo < hi)) {
            throw new IllegalArgumentException("range: expected lo < hi, got " + lo + " and " + hi);
        }
        low = lo;
        high = hi;
        return this;
    }

    /** The sentence that describes it; without it one is made from the labels. */
    public HeatMap alt(String sentence) {
        alt = sentence;
        return this;
    }

    @Override
    public BufferedImage image() {
        double[] finite = Arrays.stream(values)
                .flatMapToDouble(Arrays::stream)
                .filter(Double::isFinite)
                .toArray();
        double lo = Double.isFinite(low) ? low : Arrays.stream(finite).min().orElse(0);
        double hi = Double.isFinite(high) ? high : Arrays.stream(finite).max().orElse(1);
        Axis scale = new Axis(lo, hi > lo ? hi : lo + 1, false);
        return Canvas.of(width, height, g -> paint(g, scale));
    }

    private void paint(Graphics2D g, Axis scale) {
        g.setFont(Style.font(Layout.TEXT));
        int left = 34
                + Arrays.stream(ys)
                        .mapToInt(g.getFontMetrics()::stringWidth)
                        .max()
                        .orElse(0);
        int plotWidth = width - left - 110;
        int plotHeight = height - TOP - 48;
        double cellWidth = plotWidth / (double) xs.length;
        double cellHeight = plotHeight / (double) ys.length;
        Object smooth = g.getRenderingHint(RenderingHints.KEY_ANTIALIASING);
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_OFF);
        for (int y = 0; y < ys.length; y++) {
            double top = TOP + plotHeight - (y + 1) * cellHeight;
            for (int x = 0; x < xs.length; x++) {
                g.setColor(colour(scale.place(values[y][x])));
                g.fill(new Rectangle2D.Double(left + x * cellWidth, top, cellWidth, cellHeight));
            }
            text(g, ys[y], left - 7, top + cellHeight / 2 + 4.5, 1);
        }
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, smooth);
        int widest = Arrays.stream(xs)
                .mapToInt(g.getFontMetrics()::stringWidth)
                .max()
                .orElse(1);
        int every = (int) Math.ceil((widest + 6) / cellWidth);
        for (int x = 0; x < xs.length; x += every) {
            text(g, xs[x], left + (x + 0.5) * cellWidth, TOP + plotHeight + 17, 0.5);
        }
        bar(g, scale, width - 94, plotHeight);
        g.setFont(Style.font(Layout.TITLE));
        text(g, xLabel, left + plotWidth / 2.0, height - 9, 0.5);
        sideways(g, yLabel, 16, plotHeight);
        sideways(g, valueLabel, width - 6, plotHeight);
    }

    private void bar(Graphics2D g, Axis scale, int left, int plotHeight) {
        for (int i = 0; i < plotHeight; i++) {
            g.setColor(colour((i + 0.5) / plotHeight));
            g.fill(new Rectangle2D.Double(left, TOP + plotHeight - i - 1.0, 16, 1));
        }
        for (Axis.Tick tick : scale.ticks(plotHeight / 45)) {
            text(g, tick.label(), left + 21, TOP + plotHeight * (1 - tick.at()) + 4.5, 0);
        }
    }

    private static void sideways(Graphics2D g, String label, int x, int plotHeight) {
        AffineTransform page = g.getTransform();
        g.rotate(-Math.PI / 2, x, TOP + plotHeight / 2.0);
        text(g, label, x, TOP + plotHeight / 2.0, 0.5);
        g.setTransform(page);
    }

    private static void text(Graphics2D g, String text, double x, double y, double anchor) {
        g.setColor(Style.INK);
        g.drawString(text, (float) (x - anchor * g.getFontMetrics().stringWidth(text)), (float) y);
    }

    /** Between the colours of the scale; grey for what is not a number. */
    private static Color colour(double place) {
        if (!Double.isFinite(place)) {
            return Style.GUIDE;
        }
        double at = Math.max(0, Math.min(1, place)) * (COLOURS.length - 1);
        int i = Math.min(COLOURS.length - 2, (int) at);
        double t = at - i;
        return new Color(
                mix(COLOURS[i].getRed(), COLOURS[i + 1].getRed(), t),
                mix(COLOURS[i].getGreen(), COLOURS[i + 1].getGreen(), t),
                mix(COLOURS[i].getBlue(), COLOURS[i + 1].getBlue(), t));
    }

    private static int mix(int a, int b, double t) {
        return (int) Math.round(a + t * (b - a));
    }

    @Override
    public String alt() {
        return alt != null ? alt : "Heat map of " + valueLabel + " over " + xLabel + " and " + yLabel;
    }

    @Override
    public String csv() {
        StringBuilder out = new StringBuilder(FigureCsv.quote(yLabel + " \\ " + xLabel));
        for (String x : xs) {
            out.append(',').append(FigureCsv.quote(x));
        }
        out.append('\n');
        for (int y = 0; y < ys.length; y++) {
            out.append(FigureCsv.quote(ys[y]));
            for (double value : values[y]) {
                out.append(',').append(Numbers.significant(value));
            }
            out.append('\n');
        }
        return out.toString();
    }
}
