package org.deepdelta.command;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The options of a command, given as system properties ({@code -Dname=value}); {@code -Dhelp} lists them. A command declares each option
 * where it reads it, so that help and behaviour cannot differ.
 */
public final class Options {

    /** A wrong option: what, its value, and what was expected. Ends the command with its message alone. */
    public static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;

        /** With a message for the person at the terminal. */
        public Wrong(String message) {
            super(message);
        }
    }

    /** A command's work. */
    @FunctionalInterface
    public interface Command {
        /** Runs with its options; the result is the exit code. */
        int run(Options options) throws Exception;
    }

    /** Thrown by {@link #ready} where help was asked for. */
    private static final class Help extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** What every command takes: {@code tf32} is read where a GPU is opened. */
    private static final List<String> OF_ALL = List.of("help", "trace", "tf32");

    private final String name;
    private final String purpose;
    private final List<String> lines = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private final Map<String, String> given = new TreeMap<>();

    private Options(String name, String purpose) {
        this.name = name;
        this.purpose = purpose;
    }

    /** Runs a command and ends the JVM with its exit code: 0 done, 1 failed, 2 called wrongly. */
    public static void main(String name, String purpose, Command command) {
        int code;
        try {
            code = command.run(new Options(name, purpose));
        } catch (Help e) {
            code = 0;
        } catch (Wrong e) {
            System.out.println(name + ": " + e.getMessage());
            code = 2;
        } catch (Exception e) {
            System.out.println(name + ": " + said(e));
            if (Boolean.getBoolean("trace")) {
                e.printStackTrace(System.out);
            }
            code = 1;
        }
        System.out.flush();
        System.exit(code);
    }

    /** A file's exception says its file alone, and by its name what is wrong with it. */
    static String said(Exception e) {
        if (e instanceof FileSystemException file && file.getReason() == null) {
            String kind = e.getClass().getSimpleName().replace("Exception", "");
            return e.getMessage() + ":" + kind.replaceAll("[A-Z]", " $0").toLowerCase(Locale.ROOT);
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /** Reads a text; null if it has no default and is not given. */
    public String text(String option, String otherwise, String meaning) {
        lines.add(String.format(
                Locale.ROOT,
                "  -D%-22s %s%s",
                option + "=…",
                meaning,
                otherwise == null ? "" : " (" + otherwise + ")"));
        return value(option, otherwise);
    }

    private String value(String option, String otherwise) {
        names.add(option);
        String text = System.getProperty(option);
        if (text != null) {
            given.put(option, text);
        }
        return text == null ? otherwise : text;
    }

    /** What was given, of the options declared so far. */
    public Map<String, String> given() {
        return given;
    }

    /** Notes a wrong value, or with null a missing one, which {@link #ready} reports. */
    public void wrong(String option, Object value, String expected) {
        wrong.add("-D" + option + (value == null ? "" : "=" + value) + ": expected " + expected);
    }

    /** Reads an integer of at least {@code least}. */
    public int integer(String option, int otherwise, int least, String meaning) {
        String text = text(option, Integer.toString(otherwise), meaning);
        try {
            int value = Integer.parseInt(text);
            if (value >= least) {
                return value;
            }
        } catch (NumberFormatException e) {
            // reported below, as a value out of range is
        }
        wrong(option, text, "an integer of at least " + least);
        return otherwise;
    }

    /** Reads a number. */
    public double number(String option, double otherwise, String meaning) {
        String text = text(option, Double.toString(otherwise), meaning);
        try {
            double value = Double.parseDouble(text);
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        wrong(option, text, "a number");
        return otherwise;
    }

    /** Reads one of several words. */
    public String choice(String option, String otherwise, List<String> allowed, String meaning) {
        String text = text(option, otherwise, meaning + ": " + String.join(", ", allowed));
        if (text != null && !allowed.contains(text)) {
            wrong(option, text, "one of " + String.join(", ", allowed));
        }
        return text;
    }

    /** Reads the name of a device, for {@link org.deepdelta.tensor.Device#named}; opening it says what is missing. */
    public String device(String otherwise, String... allowed) {
        return choice("device", otherwise, List.of(allowed), "where it runs");
    }

    /** Reads a path; null if it has no default and is not given. */
    public Path path(String option, String otherwise, String meaning) {
        String text = text(option, otherwise, meaning);
        return text == null ? null : Path.of(text);
    }

    /** Reads a switch: on if given, unless given as {@code false}. */
    public boolean flag(String option, String meaning) {
        lines.add(String.format(Locale.ROOT, "  -D%-22s %s", option, meaning));
        String text = value(option, null);
        if (text != null && !List.of("", "true", "false").contains(text)) {
            wrong(option, text, "nothing, true or false");
        }
        return text != null && !text.equals("false");
    }

    /** To be called when every option has been declared: prints help if asked for, reports wrong values, else returns. */
    public void ready() {
        if (System.getProperty("help") != null) {
            PrintStream out = System.out;
            out.println(purpose);
            out.println("mvn -q -pl lib compile exec:java@" + name + " [options]");
            lines.forEach(out::println);
            out.println("  -Dhelp                   this list");
            throw new Help();
        }
        String those = "an option of " + name + ": " + String.join(", ", names);
        misnamed().forEach(option -> wrong(option, null, those));
        if (!wrong.isEmpty()) {
            throw new Wrong(String.join("; ", wrong) + "; -Dhelp lists the options");
        }
    }

    /** What the command line sets, Maven's or Java's, that is no option; a dot in its name, or {@code skip}, says that it is meant for others. */
    private List<String> misnamed() {
        String maven = System.getenv().getOrDefault("MAVEN_CMD_LINE_ARGS", "");
        return Stream.concat(
                        Stream.of(maven.split("\\s+")),
                        ManagementFactory.getRuntimeMXBean().getInputArguments().stream())
                .filter(word -> word.startsWith("-D"))
                .map(word -> word.substring(2).replaceFirst("=.*", ""))
                .filter(option -> !option.contains(".") && !option.startsWith("skip"))
                .filter(option -> !names.contains(option) && !OF_ALL.contains(option))
                .filter(option -> System.getProperty(option) != null)
                .distinct()
                .toList();
    }
}
