package org.deepdelta.notebook;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.deepdelta.report.Preset;

/**
 * What a run of the notebooks is asked for.
 *
 * @param preset how much each computes
 * @param names beginnings of the names of the notebooks to run; none for all
 * @param plants which planted faults to run as well
 * @param update whether to write the outputs back into the notebooks
 * @param report whether to make the report
 */
public record Options(Preset preset, List<String> names, Plants plants, boolean update, boolean report) {

    /** Which planted faults are run. */
    public enum Plants {
        /** No planted fault. */
        NONE,
        /** The first of each notebook. */
        FIRST,
        /** Every one. */
        ALL;

        long limit() {
            return this == ALL ? Long.MAX_VALUE : ordinal();
        }
    }

    /**
     * The options that the system properties {@code ddl.*} name. The preset is laptop for a report or an update and
     * smoke otherwise, unless it is named; planted faults are run at preset smoke alone.
     *
     * @throws IllegalArgumentException if one of them has a value that it cannot have
     */
    public static Options ofSystemProperties() {
        boolean update = Boolean.parseBoolean(property("ddl.update", "false"));
        boolean report = Boolean.parseBoolean(property("ddl.report", "false"));
        Preset preset = preset(property("ddl.preset", update || report ? "laptop" : "smoke"));
        if (update && preset != Preset.LAPTOP) {
            throw new IllegalArgumentException(
                    "-Dddl.update writes back the outputs of preset laptop, not of " + preset);
        }
        Plants plants = preset == Preset.SMOKE ? plants(property("ddl.plants", "first")) : Plants.NONE;
        List<String> names = Arrays.stream(property("ddl.notebooks", "").split(","))
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .toList();
        return new Options(preset, names, plants, update, report);
    }

    /** Whether a notebook of that name is to be run. */
    public boolean wants(String name) {
        return names.isEmpty() || names.stream().anyMatch(name::startsWith);
    }

    static Preset preset(String name) {
        return Arrays.stream(Preset.values())
                .filter(p -> p.toString().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("-Dddl.preset=" + name + ": expected smoke, laptop or paper"));
    }

    private static Plants plants(String name) {
        return Arrays.stream(Plants.values())
                .filter(p -> p.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("-Dddl.plants=" + name + ": expected none, first or all"));
    }

    private static String property(String key, String otherwise) {
        String value = System.getProperty(key, "");
        return value.isEmpty() ? otherwise : value;
    }
}
