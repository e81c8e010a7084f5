package org.deepdelta.report;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.style.HeatMapStyler;

/** A matrix as colours, light to dark through one hue order that prints in grey and that colour-blind readers can read. */
public final class HeatMap implements Picture {

    private static final Color[] COLOURS = {
        new Color(0xfffde0), new Color(0xa6dba0), new Color(0x35a3a3), new Color(0x2166ac), new Color(0x1a1447)
    };

    private final String xLabel;
    private final String yLabel;
    private final String valueLabel;
    private final String[] xs;
    private final String[] ys;
    private final double[][] values;
    private int width = 640;
    private int height = 400;
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

    /** The sentence that describes it; without it one is made from the labels. */
    public HeatMap alt(String sentence) {
        alt = sentence;
        return this;
    }

    @Override
    public BufferedImage image() {
        HeatMapChart chart = new HeatMapChart(width, height);
        chart.setXAxisTitle(xLabel);
        chart.setYAxisTitle(yLabel);
        HeatMapStyler s = chart.getStyler();
        s.setChartTitleVisible(false);
        s.setChartBackgroundColor(Color.WHITE);
        s.setPlotBackgroundColor(Color.WHITE);
        s.setPlotBorderVisible(false);
        s.setPlotContentSize(1.0);
        s.setChartFontColor(Style.INK);
        s.setAxisTitleFont(Style.font(14));
        s.setAxisTickLabelsFont(Style.font(12));
        s.setLegendFont(Style.font(12));
        s.setLegendBorderColor(Color.WHITE);
        s.setRangeColors(COLOURS);
        s.setHeatMapDecimalValueFormatter(Numbers::significant);
        List<Number[]> cells = new ArrayList<>();
        for (int y = 0; y < ys.length; y++) {
            for (int x = 0; x < xs.length; x++) {
                if (Double.isFinite(values[y][x])) {
                    cells.add(new Number[] {x, y, values[y][x]});
                }
            }
        }
        chart.addSeries(valueLabel, List.of(xs), List.of(ys), cells);
        return Canvas.of(width, height, g -> chart.paint(g, width, height));
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
