package org.deepdelta.report;

import java.util.Locale;

/** Numbers at an axis: as many digits as its range needs, a true minus sign, powers of ten for very large and small. */
record TickText(int decimals, boolean scientific) {

    static TickText of(double[] range) {
        double largest = Math.max(Math.abs(range[0]), Math.abs(range[1]));
        double span = range[1] - range[0];
        boolean scientific = largest >= 1e6 || largest < 1e-3;
        int decimals = (int) Math.ceil(1.3 - Math.log10(span));
        return new TickText(Math.max(0, Math.min(8, decimals)), scientific);
    }

    String text(double value) {
        String text = scientific
                ? String.format(Locale.ROOT, "%.2e", value)
                        .replaceFirst("\\.?0+e", "e")
                        .replaceFirst("e\\+?(-?)0*", "e$1")
                : String.format(Locale.ROOT, "%." + decimals + "f", value);
        if (!scientific && text.contains(".")) {
            text = text.replaceFirst("\\.?0+$", "");
        }
        return text.equals("-0") ? "0" : text.replace('-', '\u2212');
    }
}
