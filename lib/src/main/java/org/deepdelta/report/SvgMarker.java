package org.deepdelta.report;

/** Markers of the house style as path commands relative to their centre. */
enum SvgMarker {
    CIRCLE,
    SQUARE,
    TRIANGLE,
    DIAMOND,
    WEDGE,
    CROSS,
    PLUS;

    static SvgMarker of(int style) {
        return values()[Math.max(0, style) % values().length];
    }

    /** Commands after "M x y"; {@code r} is half the width. */
    String path(int r) {
        return switch (this) {
            case CIRCLE -> "h0";
            case SQUARE -> "m-" + r + " 0h" + 2 * r;
            case TRIANGLE -> "m0-" + r + "l" + r + " " + 2 * r + "h-" + 2 * r + "z";
            case WEDGE -> "m0 " + r + "l" + r + "-" + 2 * r + "h-" + 2 * r + "z";
            case DIAMOND -> "m0-" + r + "l" + r + " " + r + "l-" + r + " " + r + "l-" + r + "-" + r + "z";
            case CROSS -> "m-" + r + "-" + r + "l" + 2 * r + " " + 2 * r + "m0-" + 2 * r + "l-" + 2 * r + " " + 2 * r;
            case PLUS -> "m-" + r + " 0h" + 2 * r + "m-" + r + "-" + r + "v" + 2 * r;
        };
    }

    /**
     * Attributes of the path. A round cap on a line of no length is a disc, a line as thick as it is long a
     * square: a few characters a point. (A square cap on a line of no length is lost in print.)
     */
    String paint(String colour, int width) {
        return switch (this) {
            case CIRCLE -> "stroke-linecap=\"round\" stroke-width=\"" + width + "\" stroke=\"" + colour + "\"";
            case SQUARE -> "stroke-width=\"" + width + "\" stroke=\"" + colour + "\"";
            case CROSS, PLUS -> "fill=\"none\" stroke-width=\"1.5\" stroke=\"" + colour + "\"";
            default -> "fill=\"" + colour + "\"";
        };
    }
}
