package org.deepdelta.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.List;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * The house style. Colours: the palette of Okabe and Ito (Color Universal Design, 2008) without its yellow, which is too
 * pale for lines on white.
 */
final class Style {

    static final Color INK = new Color(0x222222);
    static final Color GUIDE = new Color(0x777777);
    static final Color GRID = new Color(0xe4e4e4);

    /** Opacity of bars and histograms. */
    static final double AREA = 0.45;

    /** Opacity of bands. */
    static final double BAND = 0.2;

    /** Opacity of single runs. */
    static final double RUN = 0.4;

    private static final List<Color> COLOURS = List.of(
            new Color(0x0072b2),
            new Color(0xd55e00),
            new Color(0x009e73),
            new Color(0xcc79a7),
            new Color(0xe69f00),
            new Color(0x56b4e9),
            new Color(0x000000));
    private static final List<Marker> MARKERS = List.of(
            SeriesMarkers.CIRCLE,
            SeriesMarkers.SQUARE,
            SeriesMarkers.TRIANGLE_UP,
            SeriesMarkers.DIAMOND,
            SeriesMarkers.TRIANGLE_DOWN,
            SeriesMarkers.CROSS,
            SeriesMarkers.PLUS);
    private static final List<float[]> DASHES = List.of(
            new float[] {1, 0},
            new float[] {7, 3},
            new float[] {2, 3},
            new float[] {9, 3, 2, 3},
            new float[] {12, 3},
            new float[] {5, 2, 1, 2, 1, 2},
            new float[] {3, 1});
    private static final float[] GUIDE_DASH = {4, 4};

    private Style() {}

    static Color colour(int style) {
        return style < 0 ? GUIDE : COLOURS.get(style % COLOURS.size());
    }

    /** The colour at this opacity. */
    static Color clear(int style, double opacity) {
        Color c = colour(style);
        return new Color(c.getRed(), c.getGreen(), c.getBlue(), (int) Math.round(255 * opacity));
    }

    static Marker marker(int style) {
        return MARKERS.get(style % MARKERS.size());
    }

    static float[] dash(int style) {
        return style < 0 ? GUIDE_DASH : DASHES.get(style % DASHES.size());
    }

    static BasicStroke stroke(int style, float width) {
        float[] dash = dash(style);
        return dash.length == 2 && dash[1] == 0
                ? new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND)
                : new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dash, 0);
    }

    static Font font(int size) {
        return new Font(Font.SANS_SERIF, Font.PLAIN, size);
    }
}
