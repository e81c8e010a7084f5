package org.deepdelta.command;

import java.util.Locale;

/** What a command says to a person, the same on every machine. */
final class Terminal {
    private static final int MINUTE = 60;
    private static final int HOUR = 3600;

    private Terminal() {}

    /** One line, formatted in {@link Locale#ROOT}. */
    static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    /** A time in words: {@code 7 s}, {@code 3 min 07 s}, {@code 2 h 05 min}; a question mark for one that is not known. */
    static String time(double seconds) {
        if (Double.isNaN(seconds)) {
            return "?";
        }
        long s = Math.round(seconds);
        if (s < MINUTE) {
            return s + " s";
        }
        return s < HOUR
                ? String.format(Locale.ROOT, "%d min %02d s", s / MINUTE, s % MINUTE)
                : String.format(Locale.ROOT, "%d h %02d min", s / HOUR, s % HOUR / MINUTE);
    }
}
