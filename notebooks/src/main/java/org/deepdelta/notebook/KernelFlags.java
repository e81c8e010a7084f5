package org.deepdelta.notebook;

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
}
