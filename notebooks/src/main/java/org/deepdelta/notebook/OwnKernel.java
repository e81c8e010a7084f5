package org.deepdelta.notebook;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernelspec of the project's own kernel. */
final class OwnKernel {

    private OwnKernel() {}

    /** Writes {@code kernel.json} into {@code folder}; the kernel runs on this JVM's class path and Java. */
    static void write(Path folder, String libraryClasspath) throws IOException {
        ObjectNode spec = JsonNodeFactory.instance.objectNode();
        ArrayNode command = spec.putArray("argv");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        KernelFlags.jvm().forEach(command::add);
        command.add("-cp").add(System.getProperty("java.class.path"));
        command.add("org.deepdelta.kernel.Main").add("{connection_file}");
        spec.put("display_name", "Java");
        spec.put("language", "java");
        spec.put("interrupt_mode", "message");
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("kernel.json"), Json.text(spec) + "\n");
    }
}
