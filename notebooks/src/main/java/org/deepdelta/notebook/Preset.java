package org.deepdelta.notebook;

import java.util.Locale;

/** How much a notebook computes; the library reads it from the environment variable {@code DDL_PRESET}. */
public enum Preset {
    /** For tests: at most 10 seconds of computing a notebook. */
    SMOKE(180),
    /** What committed outputs and the report are made with: at most 3 minutes a notebook. */
    LAPTOP(900),
    /** As long as it takes. */
    PAPER(86_400);

    private final int secondsPerCell;

    Preset(int secondsPerCell) {
        this.secondsPerCell = secondsPerCell;
    }

    /** How long a cell may run before it counts as hanging, in seconds. */
    public int secondsPerCell() {
        return secondsPerCell;
    }

    /** The name that {@code DDL_PRESET} carries. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The preset of that name: smoke, laptop or paper. */
    public static Preset of(String id) {
        for (Preset preset : values()) {
            if (preset.id().equals(id)) {
                return preset;
            }
        }
        throw new IllegalArgumentException("-Dddl.preset=" + id + ": expected smoke, laptop or paper");
    }
}
