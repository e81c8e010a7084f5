package org.deepdelta.experiment.study;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One point of a study's grid.
 *
 * @param stage {@code tuning} or {@code study}
 * @param variant its name in the study's file
 * @param axes the values of the further axes, by name
 * @param config what is run
 */
public record Run(String stage, String variant, Map<String, String> axes, RunConfig config) implements Serializable {
    /** Of runs that choose a learning rate. */
    public static final String TUNING = "tuning";

    /** Of runs that are reported. */
    public static final String STUDY = "study";

    /** Keeps the order of the axes. */
    public Run {
        axes = Collections.unmodifiableMap(new LinkedHashMap<>(axes));
    }

    /** One line for a person. */
    public String describe() {
        StringBuilder line = new StringBuilder(variant);
        axes.forEach((name, value) -> line.append(", ").append(name).append(' ').append(value));
        boolean tuning = stage.equals(TUNING);
        return (tuning ? "tuning " : "") + line
                + (tuning ? ", rate " + config.rate() + ", factor " + config.factor() : "") + ", seed " + config.seed();
    }
}
