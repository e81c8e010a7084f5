package org.deepdelta.notebook;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a notebook's JVM and its compiler are started with, in step with the property {@code ddl.jvm} of the root POM. */
final class KernelFlags {

    static final String COMPILER = "--add-modules jdk.incubator.vector";

    private KernelFlags() {}

    static List<String> jvm() {
        List<String> flags = new ArrayList<>(List.of(
                "-Xmx4g",
                "-Djava.awt.headless=true",
                "-Dfile.encoding=UTF-8",
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED"));
        if (Runtime.version().feature() >= 24) {
            flags.add("--sun-misc-unsafe-memory-access=allow");
        }
        return flags;
    }

    /**
     * More of them for a run of seconds: one thread of garbage collection, and machine code of the second compiler for what really is hot
     * only, never for javac's own methods, which took a quarter of such a run. JavaCPP need not look at the process's memory at each allocation.
     *
     * @param directives the file compiler.json
     */
    static List<String> brief(Path directives) {
        return List.of(
                "-XX:+UnlockDiagnosticVMOptions",
                "\"-XX:CompilerDirectivesFile=" + directives + "\"", // as JDK_JAVA_OPTIONS takes a path with a space
                "-XX:+UseSerialGC",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-XX:Tier4InvocationThreshold=50000",
                "-XX:Tier4MinInvocationThreshold=6000",
                "-XX:Tier4CompileThreshold=150000",
                "-XX:Tier4BackEdgeThreshold=400000");
    }
}
