package org.deepdelta.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The source of a class of this library: the build puts every source file into the jar beside its class file. */
public final class Source {

    private static final String FOLDER = "META-INF/sources/";

    private Source() {}

    /**
     * The file that declares a top-level class, or the one a nested class lies in.
     *
     * @throws IllegalArgumentException where the class comes from elsewhere
     */
    public static String of(Class<?> type) {
        Class<?> top = type;
        while (top.getEnclosingClass() != null) {
            top = top.getEnclosingClass();
        }
        return resource(FOLDER + top.getName().replace('.', '/') + ".java");
    }

    /**
     * The methods of that name, each with its documentation and annotations, without the common indentation.
     *
     * @throws IllegalArgumentException where there is no such class or method
     */
    public static String of(Class<?> type, String method) {
        List<String> lines = of(type).lines().toList();
        Pattern declaration = Pattern.compile(
                "^( +)(?!return\\b|new\\b|else\\b|throw\\b)[\\w<>\\[\\],.?@& ]+ " + Pattern.quote(method) + "\\(.*");
        List<String> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            var match = declaration.matcher(lines.get(i));
            if (match.matches() && !lines.get(i).stripTrailing().endsWith(";")) {
                String indent = match.group(1);
                int from = start(lines, i, indent);
                int to = end(lines, i, indent);
                StringBuilder text = new StringBuilder();
                for (String line : lines.subList(from, to + 1)) {
                    text.append(line.startsWith(indent) ? line.substring(indent.length()) : line)
                            .append('\n');
                }
                found.add(text.toString());
                i = to;
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("no method '" + method + "' in the source of " + type.getName());
        }
        return String.join("\n", found);
    }

    /** A file beside a class, as the CUDA source of an operation. */
    public static String beside(Class<?> type, String file) {
        return resource(FOLDER + type.getPackageName().replace('.', '/') + "/" + file);
    }

    /**
     * The functions of that name in a CUDA source beside a class, each with the comment above it.
     *
     * @throws IllegalArgumentException where there is no such file or function
     */
    public static String beside(Class<?> type, String file, String function) {
        List<String> lines = beside(type, file).lines().toList();
        Pattern declaration = Pattern.compile("\\w.*\\b" + Pattern.quote(function) + "\\(.*(?<!;)");
        List<String> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (declaration.matcher(lines.get(i)).matches()) {
                int from = i;
                while (from > 0 && lines.get(from - 1).startsWith("//")) {
                    from--;
                }
                int to = end(lines, i, "");
                found.add(String.join("\n", lines.subList(from, to + 1)) + "\n");
                i = to;
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("no function '" + function + "' in " + file);
        }
        return String.join("\n", found);
    }

    private static int start(List<String> lines, int declaration, String indent) {
        int from = declaration;
        while (from > 0 && lines.get(from - 1).startsWith(indent + "@")) {
            from--;
        }
        if (from > 0 && lines.get(from - 1).stripTrailing().endsWith("*/")) {
            do {
                from--;
            } while (!lines.get(from).startsWith(indent + "/**"));
        }
        return from;
    }

    private static int end(List<String> lines, int declaration, String indent) {
        int to = declaration;
        while (to < lines.size() - 1
                && !lines.get(to).equals(indent + "}")
                && !lines.get(to).endsWith("{}")) {
            to++;
        }
        return to;
    }

    private static String resource(String path) {
        try (InputStream in = Source.class.getClassLoader().getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalArgumentException(
                        "no source '" + path + "' in the library: expected one of its own files");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
