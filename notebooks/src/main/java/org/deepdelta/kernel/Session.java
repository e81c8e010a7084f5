package org.deepdelta.kernel;

import io.github.spencerpark.jupyter.kernel.magic.common.Load;
import io.github.spencerpark.jupyter.kernel.util.GlobFinder;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.Diag;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.MethodSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.Snippet.Status;
import jdk.jshell.Snippet.SubKind;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.UnresolvedReferenceException;

/**
 * A JShell that evaluates whole cells and remembers where in which cell each snippet stands.
 *
 * <p>It reads IJava's environment variables, so that one set-up serves either kernel: {@code IJAVA_CLASSPATH} (entries may be
 * globs), {@code IJAVA_COMPILER_OPTS}, {@code IJAVA_STARTUP_SCRIPTS_PATH} (files or globs) and {@code IJAVA_STARTUP_SCRIPT} (code). A line
 * {@code %classpath PATH...} or {@code %jars GLOB...} extends the class path, {@code %load FILE} evaluates a source file or notebook.
 */
final class Session implements AutoCloseable {

    private static final Pattern MAGIC = Pattern.compile("(?m)^%(classpath|jars|load)[ \\t]+(\\S.*?)[ \\t]*$\\R?");
    private static final Pattern UNKNOWN_MAGIC = Pattern.compile("\\A\\s*(%%?\\w+)");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");
    private static final Set<SubKind> WITH_VALUE = EnumSet.of(
            SubKind.VAR_VALUE_SUBKIND, SubKind.OTHER_EXPRESSION_SUBKIND, SubKind.TEMP_VAR_EXPRESSION_SUBKIND);
    private static final String IMPORTS = "java.util.* java.io.* java.math.* java.net.* java.util.concurrent.*"
            + " java.util.prefs.* java.util.regex.* java.util.function.* java.util.stream.*";

    /** Where a snippet stands: cell number, its first line there (from 1), its lines. */
    private record Place(String cell, int line, String[] source) {}

    private final CellControl control = new CellControl();
    private final Map<String, Place> places = new HashMap<>();
    private final JShell shell;
    private final PrintStream notes;

    /**
     * Starts JShell with class path, compiler options and start-up code from the environment.
     *
     * @param notes where a cell is told of what is not wrong yet
     * @throws CellFailure when start-up code fails
     * @throws IOException when a start-up file cannot be read
     */
    Session(Map<String, String> environment, PrintStream notes) throws CellFailure, IOException {
        this.notes = notes;
        shell = JShell.builder()
                .executionEngine(control.provider(), Map.of())
                .compilerOptions(words(environment.getOrDefault("IJAVA_COMPILER_OPTS", ""))
                        .toArray(String[]::new))
                .build();
        for (String entry : environment.getOrDefault("IJAVA_CLASSPATH", "").split(File.pathSeparator)) {
            paths(entry).forEach(path -> shell.addToClasspath(path.toString()));
        }
        StringBuilder imports = new StringBuilder("import static " + Display.class.getName() + ".*;\n");
        for (String name : IMPORTS.split(" ")) {
            imports.append("import ").append(name).append(";\n");
        }
        evaluate("start-up imports", imports.toString());
        for (String entry :
                environment.getOrDefault("IJAVA_STARTUP_SCRIPTS_PATH", "").split(File.pathSeparator)) {
            for (Path file : paths(entry)) {
                evaluate(file.getFileName().toString(), Files.readString(file));
            }
        }
        evaluate("IJAVA_STARTUP_SCRIPT", environment.getOrDefault("IJAVA_STARTUP_SCRIPT", ""));
    }

    CellControl control() {
        return control;
    }

    SourceCodeAnalysis analysis() {
        return shell.sourceCodeAnalysis();
    }

    /**
     * Evaluates a cell from top to bottom, up to the first failure.
     *
     * @param cell what the cell is called in messages
     * @return the value of the last snippet, or null if it has none
     */
    Object evaluate(String cell, String code) throws CellFailure {
        control.begin();
        return run(cell, code);
    }

    private Object run(String cell, String code) throws CellFailure {
        Matcher unknown = UNKNOWN_MAGIC.matcher(code);
        if (unknown.find() && !MAGIC.matcher(code).find(unknown.start(1))) {
            throw failure("UnknownMagic", unknown.group(1) + " (known: %classpath, %jars, %load, each with arguments)");
        }
        Object value = null;
        List<Snippet> defined = new ArrayList<>();
        Matcher magic = MAGIC.matcher(code);
        int start = 0;
        while (magic.find()) {
            value = runJava(cell, code, start, magic.start(), defined);
            magic(magic.group(1), words(magic.group(2)));
            value = null;
            start = magic.end();
        }
        if (start < code.length()) {
            value = runJava(cell, code, start, code.length(), defined);
        }
        for (Snippet snippet : defined) {
            checkResolved(snippet);
        }
        return value;
    }

    private Object runJava(String cell, String code, int start, int end, List<Snippet> defined) throws CellFailure {
        Object value = null;
        String rest = code.substring(start, end);
        while (!rest.isBlank()) {
            CompletionInfo info = analysis().analyzeCompletion(rest);
            String source = info.source() == null ? rest : info.source();
            String remaining = info.source() == null ? "" : info.remaining();
            int at = end
                    - rest.length()
                    + (source.length() - source.stripLeading().length());
            int line = 1
                    + (int) code.substring(0, at).chars().filter(c -> c == '\n').count();
            source = source.strip();
            rest = remaining;
            if (!source.isEmpty()) {
                value = null;
                Place place = new Place(cell, line, source.split("\\R", -1));
                for (SnippetEvent event : shell.eval(source)) {
                    if (event.causeSnippet() == null) {
                        places.put(event.snippet().id(), place);
                        value = check(event, place);
                        defined.add(event.snippet());
                    }
                }
            }
        }
        return value;
    }

    private Object check(SnippetEvent event, Place place) throws CellFailure {
        Object value = control.takeValue();
        if (control.interrupted()) {
            throw failure("Interrupted", "the cell was interrupted at line " + place.line());
        }
        if (event.status() == Status.REJECTED) {
            throw compilationError(event.snippet(), place);
        }
        if (event.exception() != null) {
            throw failure(event.exception());
        }
        return WITH_VALUE.contains(event.snippet().subKind()) ? value : null;
    }

    /** A definition may use what the rest of its cell defines; a method body even what a later cell does. */
    private void checkResolved(Snippet snippet) throws CellFailure {
        Status status = shell.status(snippet);
        Place place = places.get(snippet.id());
        if (status == Status.RECOVERABLE_NOT_DEFINED) {
            throw compilationError(snippet, place);
        }
        if (status == Status.RECOVERABLE_DEFINED) {
            notes.printf(
                    Locale.ROOT,
                    "%s, line %d: defined, but cannot be used before %s%n",
                    place.cell(),
                    place.line(),
                    unresolved(snippet));
        }
    }

    private String unresolved(Snippet snippet) {
        return snippet instanceof DeclarationSnippet declaration
                ? shell.unresolvedDependencies(declaration).collect(Collectors.joining(", "))
                : "";
    }

    private CellFailure compilationError(Snippet snippet, Place place) {
        List<String> lines = new ArrayList<>();
        String source = String.join("\n", place.source());
        String first = null;
        for (Diag diag : shell.diagnostics(snippet).filter(Diag::isError).toList()) {
            int at = (int) Math.max(0, Math.min(diag.getPosition(), source.length()));
            int row =
                    (int) source.substring(0, at).chars().filter(c -> c == '\n').count();
            int column = at - (source.lastIndexOf('\n', at - 1) + 1);
            String[] message = diag.getMessage(Locale.ROOT).strip().split("\\R");
            String text = place.source()[row];
            int width = (int) Math.max(1, Math.min(diag.getEndPosition() - at, text.length() - column));
            String headline = place.cell() + ", line " + (place.line() + row) + ": " + message[0];
            first = first == null ? headline : first;
            lines.add(red(headline));
            lines.add("    " + text);
            // Tabs stay tabs, so that the marker stands below what it marks.
            lines.add("    " + text.substring(0, column).replaceAll("[^\t]", " ") + "^".repeat(width));
            for (String more : Arrays.copyOfRange(message, 1, message.length)) {
                lines.add("    " + more.strip());
            }
        }
        if (first == null) {
            first = place.cell() + ", line " + place.line() + ": undefined: " + unresolved(snippet);
            lines.add(red(first));
        }
        return new CellFailure("CompilationError", first, lines);
    }

    private CellFailure failure(JShellException thrown) {
        List<String> lines = new ArrayList<>();
        Throwable at = thrown;
        while (at != null) {
            String prefix = at == thrown ? "" : "Caused by: ";
            lines.add(red(prefix + type(at) + (message(at).isEmpty() ? "" : ": " + message(at))));
            for (StackTraceElement frame : at.getStackTrace()) {
                if (!frame.getClassName().startsWith(CellControl.class.getName())) {
                    lines.add("    at " + describe(frame));
                }
            }
            at = at.getCause();
        }
        return new CellFailure(type(thrown).replaceAll(".*[.$]", ""), message(thrown), lines);
    }

    private static String type(Throwable thrown) {
        return thrown instanceof EvalException e
                ? e.getExceptionClassName()
                : thrown instanceof UnresolvedReferenceException
                        ? "UnresolvedReference"
                        : thrown.getClass().getName();
    }

    private String message(Throwable thrown) {
        if (thrown instanceof UnresolvedReferenceException e) {
            String name = e.getSnippet() instanceof MethodSnippet method
                    ? method.name() + "(" + method.parameterTypes() + ")"
                    : e.getSnippet().name();
            return name + " uses what is not defined: " + unresolved(e.getSnippet());
        }
        return thrown.getMessage() == null ? "" : thrown.getMessage();
    }

    /** A frame of a snippet with its cell, line and source; any other as Java writes it. */
    private String describe(StackTraceElement frame) {
        String file = frame.getFileName();
        Place place = file == null || !file.startsWith("#") ? null : places.get(file.substring(1));
        if (place == null) {
            return frame.toString();
        }
        int row = Math.max(0, Math.min(frame.getLineNumber() - 1, place.source().length - 1));
        String where = place.cell() + ", line " + (place.line() + row) + ": " + place.source()[row].strip();
        String method = frame.getMethodName();
        return method.isEmpty() ? where : method + " (" + where + ")";
    }

    private void magic(String name, List<String> arguments) throws CellFailure {
        for (String argument : arguments) {
            try {
                if (name.equals("load")) {
                    new Load(List.of(".jshell", ".java"), code -> run(argument, code)).load(List.of(argument));
                    continue;
                }
                List<Path> found = paths(argument);
                if (found.isEmpty()) {
                    throw failure("NoSuchFile", "%" + name + " " + argument + ": nothing there matches");
                }
                found.forEach(path -> shell.addToClasspath(path.toString()));
            } catch (CellFailure e) {
                throw e;
            } catch (Exception e) {
                throw failure(e.getClass().getSimpleName(), "%" + name + " " + argument + ": " + e.getMessage());
            }
        }
    }

    private static List<Path> paths(String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        if (glob.isBlank()) {
            return found;
        }
        try {
            for (Path path : new GlobFinder(glob.strip()).computeMatchingPaths()) {
                found.add(path.toAbsolutePath().normalize());
            }
        } catch (NoSuchFileException e) {
            return found;
        }
        return found.stream().sorted().toList();
    }

    private static List<String> words(String line) {
        return WORD.matcher(line)
                .results()
                .map(m -> m.group(1) != null ? m.group(1) : m.group(2) != null ? m.group(2) : m.group(3))
                .toList();
    }

    private static CellFailure failure(String name, String message) {
        return new CellFailure(name, message, List.of(red(name + ": " + message)));
    }

    private static String red(String text) {
        return "\u001b[1;31m" + text + "\u001b[0m";
    }

    @Override
    public void close() {
        shell.close();
    }
}
