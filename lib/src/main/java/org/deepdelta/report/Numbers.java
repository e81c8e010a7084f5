package org.deepdelta.report;

import java.util.Locale;

/** Numbers as text: the same on every machine. */
public final class Numbers {

    private Numbers() {}

    /**
     * An error in a table: two significant digits, or {@code below 1e-12} where rounding makes it, so that the table is the same on every machine.
     *
     * @param noise what rounding can make
     */
    public static String error(double error, double noise) {
        return error < noise
                ? String.format(Locale.ROOT, "below %.0e", noise)
                : String.format(Locale.ROOT, "%.2g", error);
    }

    /** {@code digits} after the point; scientific where that would hide a number that is not zero, or show noise. */
    static String fixed(double value, int digits) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        double size = Math.abs(value);
        boolean scientific = value != 0 && (size < 9.5 * Math.pow(10, -digits) || size >= 1e9);
        String text = String.format(Locale.ROOT, "%." + digits + (scientific ? "e" : "f"), value);
        return text.replaceFirst("^-(0(\\.0*)?)$", "$1");
    }

    /** Six significant digits, without trailing zeros. */
    static String significant(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "" : Double.toString(value);
        }
        double size = Math.abs(value);
        if (value == Math.rint(value) && size < 1e9) {
            return Long.toString((long) value);
        }
        String text =
                String.format(Locale.ROOT, size >= 1e-4 && size < 1e6 ? "%." + decimals(size) + "f" : "%.5e", value);
        return text.contains("e") ? text.replaceFirst("\\.?0+e", "e") : text.replaceFirst("\\.?0+$", "");
    }

    private static int decimals(double size) {
        return Math.max(1, 5 - (int) Math.floor(Math.log10(size)));
    }
}
