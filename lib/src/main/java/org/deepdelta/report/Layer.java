package org.deepdelta.report;

import java.util.Arrays;

/**
 * One thing drawn in a figure.
 *
 * @param kind how it is drawn
 * @param name its series; layers of one name share colour, marker and line style
 * @param style index into the house palette
 * @param x abscissae
 * @param y ordinates (a bar's height; the mean of an interval)
 * @param lo lower ends of a band or interval, else null
 * @param hi upper ends of a band or interval, else null
 */
record Layer(Kind kind, String name, int style, double[] x, double[] y, double[] lo, double[] hi) {

    enum Kind {
        /** A closed outline, filled lightly. */
        AREA,
        /** The region between lo and hi, without outline. */
        BAND,
        /** A grey dashed line for reference. */
        GUIDE,
        /** A thin pale line, one of several runs. */
        RUN,
        LINE,
        /** A vertical stroke from lo to hi at each x. */
        INTERVALS,
        POINTS,
        /** Bars over categories; turned into areas before drawing. */
        BARS,
        /** Points over categories, spread so that none hides another; turned into points before drawing. */
        STRIP
    }

    /** This layer as one path of x and y: a band as its outline, intervals as strokes with gaps between them. */
    Layer path() {
        return switch (kind) {
            case BAND -> outline();
            case INTERVALS -> strokes();
            default -> this;
        };
    }

    /** Reflected: categories, which count from the left, count from the top. */
    Layer turned(int categories) {
        double[] down = Arrays.stream(x).map(c -> categories - 1 - c).toArray();
        return new Layer(kind, name, style, y, down, null, null);
    }

    /** The upper edge forward, the lower edge back. */
    private Layer outline() {
        int n = x.length;
        double[] ox = new double[2 * n];
        double[] oy = new double[2 * n];
        for (int i = 0; i < n; i++) {
            ox[i] = x[i];
            oy[i] = hi[i];
            ox[2 * n - 1 - i] = x[i];
            oy[2 * n - 1 - i] = lo[i];
        }
        return new Layer(kind, name, style, ox, oy, null, null);
    }

    /** x twice, then a gap. */
    private Layer strokes() {
        double[] ox = new double[3 * x.length];
        double[] oy = new double[ox.length];
        Arrays.fill(oy, Double.NaN);
        for (int i = 0; i < x.length; i++) {
            Arrays.fill(ox, 3 * i, 3 * i + 3, x[i]);
            oy[3 * i] = lo[i];
            oy[3 * i + 1] = hi[i];
        }
        return new Layer(kind, name, style, ox, oy, null, null);
    }
}
