package org.deepdelta.report;

import java.util.Arrays;

/** The data of a figure in long form: one row a point, its series first. Guides are not data. */
record FigureCsv(Figure figure) {

    String text() {
        boolean ends = figure.layers().stream().anyMatch(l -> l.lo() != null);
        StringBuilder out = new StringBuilder("series,")
                .append(quote(figure.xLabel()))
                .append(',')
                .append(quote(figure.yLabel()))
                .append(ends ? ",low,high\n" : "\n");
        int run = 0;
        String previous = "";
        for (Layer layer : figure.layers()) {
            run = layer.kind() == Layer.Kind.RUN ? (layer.name().equals(previous) ? run + 1 : 1) : 0;
            previous = layer.name();
            if (layer.kind() != Layer.Kind.GUIDE && !repeated(layer)) {
                rows(out, layer, run, ends);
            }
        }
        return out.toString();
    }

    /** The points of intervals are in the rows of the intervals. */
    private boolean repeated(Layer layer) {
        return layer.kind() == Layer.Kind.POINTS
                && figure.layers().stream()
                        .anyMatch(l -> l.kind() == Layer.Kind.INTERVALS
                                && l.name().equals(layer.name())
                                && Arrays.equals(l.x(), layer.x()));
    }

    private void rows(StringBuilder out, Layer layer, int run, boolean ends) {
        String name = quote(run > 0 ? layer.name() + " run " + run : layer.name());
        boolean band = layer.kind() == Layer.Kind.BAND;
        for (int i = 0; i < layer.x().length; i++) {
            out.append(name).append(',');
            out.append(
                    figure.categoryNames().isEmpty()
                            ? Numbers.significant(layer.x()[i])
                            : quote(figure.categoryNames().get((int) Math.round(layer.x()[i]))));
            out.append(',').append(band ? "" : Numbers.significant(layer.y()[i]));
            if (ends) {
                out.append(',').append(layer.lo() == null ? "" : Numbers.significant(layer.lo()[i]));
                out.append(',').append(layer.hi() == null ? "" : Numbers.significant(layer.hi()[i]));
            }
            out.append('\n');
        }
    }

    static String quote(String text) {
        return text.matches("[^\",\n\r]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
