package org.deepdelta.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** An axis: its range, where a value lies on it, and its ticks. */
record Axis(double lo, double hi, boolean log) {

    private static final String SUPERSCRIPTS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

    /** A labelled place: {@code at} is 0 at the low end, 1 at the high end. */
    record Tick(double at, String label) {}

    /** 0 at the low end, 1 at the high end. */
    double place(double value) {
        return log ? Math.log(value / lo) / Math.log(hi / lo) : (value - lo) / (hi - lo);
    }

    /** About that many ticks at round values. A logarithmic axis has powers of ten, or 1-2-5, or round values, as its range allows. */
    List<Tick> ticks(int wanted) {
        List<Double> values = log ? logarithmic(Math.max(3, wanted)) : linear(Math.max(2, wanted));
        double step = values.size() > 1 ? values.get(1) - values.get(0) : hi - lo;
        return values.stream()
                .map(v -> new Tick(place(v), log ? power(v) : label(v, step)))
                .toList();
    }

    /** Ticks at these values, as far as they lie on the axis. */
    List<Tick> ticks(double[] values) {
        return Arrays.stream(values)
                .filter(v -> v >= lo && v <= hi)
                .mapToObj(v -> new Tick(place(v), Numbers.significant(v).replace('-', '\u2212')))
                .toList();
    }

    private List<Double> linear(int wanted) {
        double raw = (hi - lo) / wanted;
        double ten = Math.pow(10, Math.floor(Math.log10(raw)));
        double ratio = raw / ten;
        double step = ratio <= 1 ? ten : ratio <= 2 ? 2 * ten : ratio <= 5 ? 5 * ten : 10 * ten;
        List<Double> values = new ArrayList<>();
        for (long i = (long) Math.ceil(lo / step - 1e-9); i * step <= hi + 1e-9 * step; i++) {
            values.add(i * step);
        }
        return values;
    }

    private List<Double> logarithmic(int wanted) {
        int from = (int) Math.ceil(Math.log10(lo) - 1e-9);
        int to = (int) Math.floor(Math.log10(hi) + 1e-9);
        if (to - from >= 2) {
            int every = (to - from) / wanted + 1;
            List<Double> values = new ArrayList<>();
            for (int e = from; e <= to; e += every) {
                values.add(Math.pow(10, e));
            }
            return values;
        }
        List<Double> values = new ArrayList<>();
        for (int e = from - 1; e <= to + 1; e++) {
            for (int digit : new int[] {1, 2, 5}) {
                double value = digit * Math.pow(10, e);
                if (value >= lo * (1 - 1e-9) && value <= hi * (1 + 1e-9)) {
                    values.add(value);
                }
            }
        }
        return values.size() >= 3 ? values : linear(wanted);
    }

    private static String power(double value) {
        double exponent = Math.log10(value);
        boolean whole = Math.abs(exponent - Math.rint(exponent)) < 1e-9;
        return whole && (value > 9999 || value < 0.00099)
                ? "10" + superscript((int) Math.rint(exponent))
                : Numbers.significant(value).replace('-', '\u2212');
    }

    /** As many decimals as the step needs; powers of ten where that would take many digits. */
    private String label(double value, double step) {
        if (Math.abs(value) < 1e-9 * step) {
            return "0";
        }
        double largest = Math.max(Math.abs(lo), Math.abs(hi));
        if (largest >= 1e6 || largest < 1e-3) {
            int exponent = (int) Math.floor(Math.log10(largest));
            String digits = Numbers.significant(Math.rint(value / step) * step / Math.pow(10, exponent));
            return digits.replace('-', '\u2212') + "\u00d710" + superscript(exponent);
        }
        int decimals = Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9));
        return String.format(Locale.ROOT, "%." + decimals + "f", value).replace('-', '\u2212');
    }

    private static String superscript(int exponent) {
        StringBuilder out = new StringBuilder(exponent < 0 ? "\u207b" : "");
        for (char digit : Integer.toString(Math.abs(exponent)).toCharArray()) {
            out.append(SUPERSCRIPTS.charAt(digit - '0'));
        }
        return out.toString();
    }
}
