package org.deepdelta.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallSpecTest {

    @Test
    void writesWhatJupyterReads(@TempDir Path target) throws IOException {
        InstallSpec.write(target, Path.of("old"), "old.jar", List.of());
        Path file = InstallSpec.write(target, Path.of("/jdk/bin/java"), "a b.jar:λ.jar", List.of("-Xmx4g"));

        assertEquals(target.resolve("kernels/java/kernel.json"), file);
        JsonObject spec = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        assertEquals("Java", spec.get("display_name").getAsString());
        assertEquals("java", spec.get("language").getAsString());
        assertEquals("message", spec.get("interrupt_mode").getAsString());
        assertEquals(
                "[\"/jdk/bin/java\",\"-Djava.awt.headless=true\",\"-Dfile.encoding=UTF-8\",\"-Xmx4g\",\"-cp\","
                        + "\"a b.jar:λ.jar\",\"org.deepdelta.kernel.JavaKernel\",\"{connection_file}\"]",
                spec.get("argv").toString());
    }
}
