package org.deepdelta.tensor.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The C++ compiler of this machine: g++, or what the property {@code ddl.cxx} names. */
final class HostCompiler {
    private static final List<String> OPTIONS = List.of(
            "-std=c++17",
            "-Og",
            "-fPIC",
            "-shared",
            "-w",
            "-fno-strict-aliasing",
            "-fno-exceptions",
            "-fno-rtti",
            "-fno-gnu-unique",
            "-ffp-contract=off",
            "-U_FORTIFY_SOURCE",
            "-x",
            "c++");

    private final String command = System.getProperty("ddl.cxx", "g++");
    private final String version;
    private final CodeCache cache = CodeCache.ofUser();

    /**
     * Asks the compiler for its version.
     *
     * @throws CudaException if there is none
     */
    HostCompiler() {
        try {
            version = run(List.of(command, "--version")).lines().findFirst().orElse("");
        } catch (IOException e) {
            throw new CudaException(
                    "cuda-host compiles kernels with a C++ compiler: no " + command
                            + " here (property ddl.cxx names another)",
                    e);
        }
    }

    /** Its first line about itself. */
    String version() {
        return version;
    }

    /** The library made of a source. */
    Path library(String name, String source, String... options) {
        List<String> all = new ArrayList<>(OPTIONS);
        all.addAll(Arrays.asList(options));
        return cache.get(
                name,
                ".so",
                file -> compile(name, source, all, file),
                source,
                all.toString(),
                version,
                System.getProperty("os.arch"));
    }

    private void compile(String name, String source, List<String> options, Path to) throws IOException {
        Path text = Files.createTempFile("ddl-", ".cpp");
        try {
            Files.writeString(text, source);
            List<String> line = new ArrayList<>(List.of(command));
            line.addAll(options);
            line.addAll(List.of(text.toString(), "-o", to.toString()));
            run(line);
        } catch (IOException e) {
            throw new CudaException("g++ does not compile " + name + ":\n" + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(text);
        }
    }

    private static String run(List<String> line) throws IOException {
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(said);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return said;
    }
}
