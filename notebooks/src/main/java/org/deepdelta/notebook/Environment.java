package org.deepdelta.notebook;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.deepdelta.report.Preset;

/** Prints the environment in which Jupyter finds kernel and library, as lines of a shell; {@code notebooks/lab} reads it. */
public final class Environment {

    private Environment() {}

    /** Takes no arguments; the system property {@code ddl.preset} names the preset, laptop where it does not. */
    public static void main(String[] arguments) throws IOException {
        try {
            Jupyter jupyter = new Jupyter(Checkout.current());
            Preset preset = Options.preset(System.getProperty("ddl.preset", "laptop"));
            System.out.print(shell(jupyter.variables(preset, System.getenv("PATH"))));
        } catch (IllegalArgumentException | IllegalStateException e) {
            System.out.print("echo " + quoted("[lab] " + e.getMessage()) + " >&2\nexit 1\n");
        }
    }

    static String shell(Map<String, String> variables) {
        StringBuilder lines = new StringBuilder();
        new TreeMap<>(variables).forEach((name, value) -> lines.append("export ")
                .append(name)
                .append('=')
                .append(quoted(value))
                .append('\n'));
        return lines.toString();
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
