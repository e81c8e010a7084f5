package org.deepdelta.notebook;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deepdelta.kernel.InstallSpec;
import org.deepdelta.report.Preset;

/** Starts Jupyter's programs with the Java kernel, the library's class path and folders of their own inside the checkout. */
public final class Jupyter {

    private final Checkout checkout;
    private final Setup setup;
    private final Path files;
    private final String classpath;

    /**
     * Takes the library from {@code lib/target} and, where no IJava is installed, writes the kernelspec of the project's
     * own kernel under {@code notebooks/target/jupyter}.
     *
     * @throws IllegalStateException if the library has not been packaged or the set-up has not run
     */
    public Jupyter(Checkout checkout) throws IOException {
        this.checkout = checkout;
        this.setup = Setup.of(checkout);
        this.files = checkout.target().resolve("jupyter");
        this.classpath = checkout.libraryClasspath();
        for (String name : List.of("config", "data", "runtime", "ipython")) {
            Files.createDirectories(files.resolve(name));
        }
        for (String name : List.of("execute.py", "compiler.json")) {
            try (InputStream file = Jupyter.class.getResourceAsStream(name)) {
                Files.copy(file, files.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        if (setup.ijava().isEmpty()) {
            InstallSpec.write(
                    kernelFolder(),
                    Path.of(System.getProperty("java.home"), "bin", "java"),
                    checkout.kernelClasspath(),
                    KernelFlags.jvm());
        }
    }

    /** What the set-up found. */
    public Setup setup() {
        return setup;
    }

    /** The folder in which notebooks run. */
    public Path folder() {
        return checkout.notebooks();
    }

    /** Which kernel runs the notebooks, in words. */
    public String kernel() {
        return setup.ijava().map(f -> "IJava in " + f).orElse("the project's own kernel");
    }

    /** A command of Jupyter's Python, ready to start in the notebooks' folder. */
    public ProcessBuilder python(Preset preset, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(setup.python().toString());
        command.addAll(arguments);
        ProcessBuilder process =
                new ProcessBuilder(command).directory(checkout.notebooks().toFile());
        process.environment().putAll(variables(preset, process.environment().get("PATH")));
        return process;
    }

    /** The program that executes one notebook. */
    Path executor() {
        return files.resolve("execute.py");
    }

    private Path kernelFolder() {
        return setup.ijava().orElse(files.resolve("own"));
    }

    /** The environment in which Jupyter finds the kernel and the kernel the library; {@code path} is the PATH so far. */
    Map<String, String> variables(Preset preset, String path) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("DDL_PRESET", preset.toString());
        variables.put("JUPYTER_PATH", kernelFolder().toString());
        variables.put("JUPYTER_CONFIG_DIR", files.resolve("config").toString());
        variables.put("JUPYTER_DATA_DIR", files.resolve("data").toString());
        variables.put("JUPYTER_RUNTIME_DIR", files.resolve("runtime").toString());
        variables.put("IPYTHONDIR", files.resolve("ipython").toString());
        variables.put("PYTHONDONTWRITEBYTECODE", "1");
        variables.put("PYTHONWARNINGS", "ignore");
        variables.put("PYTHONIOENCODING", "utf-8");
        variables.put("JUPYTER_PLATFORM_DIRS", "0");
        // Where CUDA kernels are kept once they are compiled.
        variables.put("XDG_CACHE_HOME", files.resolve("cache").toString());

        // The JDK that runs this runs the kernel: the flags below are for its version.
        Path java = Path.of(System.getProperty("java.home"));
        variables.put("JAVA_HOME", java.toString());
        variables.put("PATH", java.resolve("bin") + File.pathSeparator + (path == null ? "/usr/bin:/bin" : path));
        List<String> flags = new ArrayList<>();
        if (preset == Preset.SMOKE) {
            flags.addAll(KernelFlags.brief(files.resolve("compiler.json")));
        }
        if (setup.ijava().isPresent()) {
            flags.addAll(KernelFlags.jvm());
            variables.put("IJAVA_CLASSPATH", classpath);
            variables.put("IJAVA_COMPILER_OPTS", KernelFlags.COMPILER);
            variables.put("JJAVA_CLASSPATH", classpath);
            variables.put("JJAVA_COMPILER_OPTS", KernelFlags.COMPILER);
        }
        if (!flags.isEmpty()) {
            variables.put("JDK_JAVA_OPTIONS", String.join(" ", flags));
        }
        // OpenMP's threads would spin between the library's own.
        variables.put("OMP_WAIT_POLICY", "passive");
        variables.put("GOMP_SPINCOUNT", "0");
        return variables;
    }
}
