package org.deepdelta.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A command in a virtual machine of its own.
 *
 * @param command its class
 * @param jars which entries of this class path it gets
 */
record CommandRun(Class<?> command, Predicate<String> jars) {

    CommandRun(Class<?> command) {
        this(command, jar -> true);
    }

    /** Runs it, expecting an exit code; gives what it printed. */
    String run(int code, String... options) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(a -> a.startsWith("--") || a.startsWith("-XX:") || a.startsWith("-D"))
                .forEach(line::add);
        Stream.of(options).map(option -> "-D" + option).forEach(line::add);
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(jars)
                .collect(Collectors.joining(File.pathSeparator));
        line.addAll(List.of("-cp", classPath, command.getName()));
        Process process = new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(code, process.waitFor(), out);
        return out;
    }
}
