package org.deepdelta.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deepdelta.experiment.parity.Suite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library against the authors' values, and the comparison against planted differences. */
final class ParityTest {
    private static final Path VALUES = Path.of("src/test/resources/parity");
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    private Suite run(Path folder) throws IOException {
        return Suite.run(folder, new PrintStream(text, true, StandardCharsets.UTF_8));
    }

    @Test
    void everyCasePasses() throws IOException {
        Suite suite = run(VALUES);
        assertEquals(0, suite.failed(), () -> text.toString(StandardCharsets.UTF_8));
        assertEquals(0, suite.notSupported());
        assertEquals(26, suite.passed());
    }

    @Test
    void aWrongValueIsNamedWithItsTensorAndDistance(@TempDir Path folder) throws IOException {
        Path ops = Files.createDirectories(folder.resolve("ops"));
        byte[] bytes = Files.readAllBytes(VALUES.resolve("ops/rmsnorm_n16_eps1e-05_scale0.001.safetensors"));
        bytes[bytes.length - 2] ^= 0x40; // the last number of the last tensor, its exponent
        Files.write(ops.resolve("rmsnorm_planted.safetensors"), bytes);
        assertEquals(1, run(folder).failed());
        String report = text.toString(StandardCharsets.UTF_8);
        assertTrue(report.contains("expected") && report.contains("is allowed"), report);
    }

    @Test
    void aTruncatedFileFailsWithItsName(@TempDir Path folder) throws IOException {
        Path ops = Files.createDirectories(folder.resolve("ops"));
        byte[] bytes = Files.readAllBytes(VALUES.resolve("ops/mlp_d10.safetensors"));
        Files.write(ops.resolve("mlp_cut.safetensors"), java.util.Arrays.copyOf(bytes, bytes.length - 100));
        assertEquals(1, run(folder).failed());
        assertTrue(text.toString(StandardCharsets.UTF_8).contains("mlp_cut.safetensors"));
    }

    @Test
    void anInertKeyIsRefusedOffItsNeutralValueAndAnUnsupportedVariantIsListed(@TempDir Path folder) throws IOException {
        for (String model : new String[] {"dropout", "variant"}) {
            Path target = Files.createDirectories(folder.resolve("models/" + model));
            Path source = VALUES.resolve("models/ddl_scalar");
            for (String file :
                    new String[] {"params.safetensors", "expected_f64.safetensors", "expected_f32.safetensors"}) {
                Files.copy(source.resolve(file), target.resolve(file));
            }
            String config = Files.readString(source.resolve("config.json"));
            Files.writeString(
                    target.resolve("config.json"),
                    model.equals("dropout")
                            ? config.replace("\"dropout\": 0.0", "\"dropout\": 0.1")
                            : config.replace("\"variant\": \"ddl_scalar\"", "\"variant\": \"ddl_new\""));
        }
        Suite suite = run(folder);
        String report = text.toString(StandardCharsets.UTF_8);
        assertEquals(1, suite.failed(), report);
        assertEquals(1, suite.notSupported(), report);
        assertTrue(report.contains("dropout = 0.1: expected 0.0 alone"), report);
    }

    @Test
    void anEmptyFolderIsAnError(@TempDir Path folder) {
        assertTrue(
                assertThrows(IOException.class, () -> run(folder)).getMessage().contains("no case found"));
    }
}
