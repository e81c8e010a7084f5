package org.deepdelta.report;

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

    /** Corners of the filled outline: a band's upper edge forward, its lower edge back. */
    double[][] outline() {
        if (kind == Kind.AREA) {
            return new double[][] {x, y};
        }
        int n = x.length;
        double[] ox = new double[2 * n];
        double[] oy = new double[2 * n];
        for (int i = 0; i < n; i++) {
            ox[i] = x[i];
            oy[i] = hi[i];
            ox[2 * n - 1 - i] = x[i];
            oy[2 * n - 1 - i] = lo[i];
        }
        return new double[][] {ox, oy};
    }
}
