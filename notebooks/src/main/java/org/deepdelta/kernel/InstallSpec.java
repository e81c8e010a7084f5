package org.deepdelta.kernel;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the kernelspec, the file by which Jupyter knows how to start the kernel.
 *
 * <p>Usage: {@code org.deepdelta.kernel.InstallSpec TARGET_DIR JAVA CLASS_PATH [JVM_FLAG...]}. It writes
 * {@code TARGET_DIR/kernels/java/kernel.json}, where Jupyter finds it with {@code JUPYTER_PATH=TARGET_DIR}.
 */
public final class InstallSpec {

    /** The name by which notebooks ask for the kernel. */
    public static final String NAME = "java";

    private InstallSpec() {}

    /**
     * See the class.
     *
     * @param arguments target folder, java executable, class path, flags
     * @throws IOException when the file cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 3) {
            throw new IllegalArgumentException(
                    "usage: " + InstallSpec.class.getName() + " TARGET_DIR JAVA CLASS_PATH [JVM_FLAG...]");
        }
        List<String> all = Arrays.asList(arguments);
        System.out.println(write(Path.of(all.get(0)), Path.of(all.get(1)), all.get(2), all.subList(3, all.size())));
    }

    /**
     * Writes the kernelspec, replacing an earlier one.
     *
     * @param target a data directory of Jupyter's: an entry of {@code JUPYTER_PATH}
     * @param java the java executable that runs the kernel
     * @param classPath the class path of kernel and notebooks: this module, the library and what both depend on
     * @param jvmFlags flags of the JVM, such as {@code -Xmx4g}; headless mode and UTF-8 are set in any case
     * @return the file written
     * @throws IOException when it cannot be written
     */
    public static Path write(Path target, Path java, String classPath, List<String> jvmFlags) throws IOException {
        List<String> argv =
                new ArrayList<>(List.of(java.toString(), "-Djava.awt.headless=true", "-Dfile.encoding=UTF-8"));
        argv.addAll(jvmFlags);
        argv.addAll(List.of("-cp", classPath, JavaKernel.class.getName(), "{connection_file}"));
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("argv", argv);
        spec.put("display_name", "Java");
        spec.put("language", "java");
        spec.put("interrupt_mode", "message");
        Path file = target.resolve("kernels").resolve(NAME).resolve("kernel.json");
        Files.createDirectories(file.getParent());
        return Files.writeString(
                file,
                new GsonBuilder()
                                .setPrettyPrinting()
                                .disableHtmlEscaping()
                                .create()
                                .toJson(spec) + "\n");
    }
}
