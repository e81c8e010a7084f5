package org.deepdelta.notebook;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where things lie in a checkout.
 *
 * @param root the folder that holds {@code lib} and {@code notebooks}
 */
public record Checkout(Path root) {

    /** @param root the folder that holds {@code lib} and {@code notebooks} */
    public Checkout {
        root = root.toAbsolutePath().normalize();
        if (!Files.isDirectory(root.resolve("notebooks"))) {
            throw new IllegalArgumentException("no checkout: " + root + " has no folder 'notebooks'");
        }
    }

    /** The checkout that the system property {@code ddl.root} names, or else the current folder or the one above. */
    public static Checkout current() {
        String named = System.getProperty("ddl.root");
        if (named != null) {
            return new Checkout(Path.of(named));
        }
        Path here = Path.of("").toAbsolutePath();
        return new Checkout(Files.isDirectory(here.resolve("notebooks")) ? here : here.getParent());
    }

    /** The folder of the notebooks, which is also the one they run in. */
    public Path notebooks() {
        return root.resolve("notebooks");
    }

    /** The course for nbgrader. */
    public Path exercises() {
        return notebooks().resolve("exercises");
    }

    /** What the notebooks' build makes. */
    public Path target() {
        return notebooks().resolve("target");
    }

    /** The committed notebooks, by name. */
    public List<Path> committed() throws IOException {
        try (Stream<Path> files = Files.list(notebooks())) {
            return files.filter(f -> f.getFileName().toString().endsWith(".ipynb"))
                    .sorted()
                    .toList();
        }
    }

    /**
     * The class path of a notebook: the library and what it needs at run time, which the build of {@code lib} leaves in
     * {@code lib/target/classpath}.
     *
     * @throws IllegalStateException if {@code lib} has not been packaged
     */
    public String libraryClasspath() throws IOException {
        Path lib = root.resolve("lib/target");
        String dependencies = dependencies(lib);
        try (Stream<Path> files = Files.list(lib)) {
            Path jar = files.filter(f -> f.getFileName().toString().matches("deepdelta-[0-9][0-9.]*(-SNAPSHOT)?\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no deepdelta-*.jar in " + lib));
            return jar + File.pathSeparator + dependencies;
        }
    }

    /**
     * The class path of the project's own kernel: the kernel, what it needs, and all that a notebook needs.
     *
     * @throws IllegalStateException if {@code notebooks} has not been packaged
     */
    public String kernelClasspath() throws IOException {
        return target().resolve("classes") + File.pathSeparator + dependencies(target());
    }

    private String dependencies(Path target) throws IOException {
        Path file = target.resolve("classpath");
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException("no " + file + ": run 'mvn package' in " + root + " first");
        }
        return Files.readString(file).strip();
    }
}
