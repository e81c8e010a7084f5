package org.deepdelta.report;

import java.util.Locale;

/** How much a notebook computes, chosen from outside. */
public enum Preset {
    /** At most 10 seconds of computing a notebook: for tests. */
    SMOKE,
    /** At most 3 minutes a notebook: what the committed outputs are from. */
    LAPTOP,
    /** The sizes of the paper's study. */
    PAPER;

    /** The system property that chooses; it wins over {@link #VARIABLE}. */
    public static final String PROPERTY = "ddl.preset";

    /** The environment variable that chooses. */
    public static final String VARIABLE = "DDL_PRESET";

    /**
     * The preset of this run: property {@value #PROPERTY}, else variable {@value #VARIABLE}, else {@link #LAPTOP}.
     *
     * @throws IllegalArgumentException for a value that is none of smoke, laptop, paper
     */
    public static Preset current() {
        String property = System.getProperty(PROPERTY);
        if (property != null) {
            return parse(property, "-D" + PROPERTY);
        }
        String variable = System.getenv(VARIABLE);
        return variable == null || variable.isBlank() ? LAPTOP : parse(variable, VARIABLE);
    }

    /** The value for this preset. */
    public <T> T pick(T smoke, T laptop, T paper) {
        return switch (this) {
            case SMOKE -> smoke;
            case LAPTOP -> laptop;
            case PAPER -> paper;
        };
    }

    /** The number for this preset. */
    public int pick(int smoke, int laptop, int paper) {
        return pick((Integer) smoke, (Integer) laptop, (Integer) paper);
    }

    /** In lower case, as it is written in settings. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Preset parse(String value, String where) {
        for (Preset preset : values()) {
            if (preset.toString().equals(value.strip().toLowerCase(Locale.ROOT))) {
                return preset;
            }
        }
        throw new IllegalArgumentException(where + ": expected smoke, laptop or paper, got '" + value + "'");
    }
}
