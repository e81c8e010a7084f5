package org.deepdelta.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.deepdelta.tensor.cuda.HostDevices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole trial of a GPU, rehearsed with the kernels on the CPU, where ND4J has no backend. */
final class GpuTest {
    private static final String[] SMALL = {
        "device=cuda-host",
        "cases=(delta SHARED d 19|compress|matmul|adamw 17|attention 1 of 2).*|ddl_cc_ec",
        "trainSteps=3",
        "rules=ddl_cc_ec",
        "T=8",
        "B=2",
        "steps=1",
        "repeats=1",
        "product=32"
    };

    /** Neither ND4J's backend nor its natives, nor OpenBLAS: what would travel to a machine with a GPU. */
    private final CommandRun bare =
            new CommandRun(Gpu.class, jar -> !jar.contains("nd4j-native") && !jar.contains("openblas"));

    @TempDir
    Path folder;

    private static String[] with(String... more) {
        return Stream.concat(Stream.of(SMALL), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void runsWithoutNd4jsBackendOnValuesMadeBefore() throws Exception {
        HostDevices.forward();
        Path values = folder.resolve("values");
        Path out = folder.resolve("made/result.json");
        new CommandRun(Gpu.class).run(0, with("make=" + values));
        String found = bare.run(0, with("values=" + values, "out=" + out, "commit=abc", "parity=" + authors()));
        for (String part : new String[] {"operations", "models", "parity", "determinism", "training", "step"}) {
            assertTrue(found.matches("(?s).*" + part + " +passed .*"), found);
        }
        JsonNode result = new ObjectMapper().readTree(out.toFile());
        assertTrue(result.path("complete").asBoolean());
        assertTrue(result.path("device").asText().startsWith("cuda-host"));
        assertEquals("abc", result.path("commit").asText());
        assertEquals(
                "3",
                result.path("provenance").path("options").path("trainSteps").asText());
        assertTrue(result.path("steps").path(0).path("tokens_per_s").asDouble() > 0);
        assertTrue(result.path("steps")
                        .path(0)
                        .path("profile")
                        .path("groups")
                        .path("attention")
                        .asDouble()
                > 0);
        assertEquals("copy", result.path("memory").path(0).path("what").asText());

        String refused = bare.run(1, with("values=" + values, "rules=additive", "parts=bench"));
        assertTrue(refused.contains("no values of additive"), refused);
        String missing = bare.run(1, with("values=" + folder, "parts=models"));
        assertTrue(missing.contains("models.safetensors: not there"), missing);
    }

    /** A few of the authors' values. */
    private Path authors() throws IOException {
        Path from = Path.of("src/test/resources/parity");
        Path to = folder.resolve("parity");
        for (String file : new String[] {
            "ops/mlp_d10.safetensors",
            "ops/delta_d8_dv4_eps1.safetensors",
            "models/ddl_scalar/config.json",
            "models/ddl_scalar/params.safetensors",
            "models/ddl_scalar/expected_f32.safetensors"
        }) {
            Files.createDirectories(to.resolve(file).getParent());
            Files.copy(from.resolve(file), to.resolve(file));
        }
        return to;
    }

    @Test
    void wrongOptionsAreNamed() throws Exception {
        CommandRun command = new CommandRun(Gpu.class);
        String found = command.run(2, "parts=ops", "d=10", "H=3", "dtype=fp8", "device=cpu");
        assertTrue(found.contains("-Dparts=ops: expected some of operations,"), found);
        assertTrue(found.contains("-Dd=10: expected a multiple of the 3 heads"), found);
        assertTrue(found.contains("-Ddtype=fp8: expected one of f32, tf32, bf16"), found);
        assertTrue(found.contains("-Ddevice=cpu: expected one of cuda, cuda-host"), found);
        assertTrue(command.run(2, "rules=ddl").contains("expected one of additive"));
        assertTrue(command.run(2, "parts=parity").contains("-Dparity: expected a folder"));
        assertTrue(command.run(2, "tf32=true").contains("-Ddtype=tf32"));
    }

    @Test
    void trainingOnAGpuIsOneShardAndThread() throws Exception {
        CommandRun train = new CommandRun(Train.class);
        assertTrue(train.run(2, "device=cuda", "type=F64").contains("-Dtype=F64: expected one of F32, BF16"));
        assertTrue(train.run(2, "device=cuda", "threads=2").contains("expected 1"));
        assertTrue(
                train.run(2, "device=gpu").contains("-Ddevice=gpu: expected one of cpu, reference, cuda, cuda-host"));
        assertTrue(train.run(0, "device=cuda", "help").contains("(1)"));
    }

    @Test
    void trainsAndWritesOnTheShim() throws Exception {
        HostDevices.forward();
        Path text = folder.resolve("text");
        Files.writeString(text, "One sentence after the other, and every one alike.\n".repeat(60));
        Path run = folder.resolve("run");
        String[] sizes = {"layers=1", "heads=2", "width=8", "length=8", "batch=2", "steps=2", "batches=1"};
        for (String type : new String[] {"F32", "BF16"}) {
            String[] options = Stream.concat(
                            Stream.of(sizes),
                            Stream.of("device=cuda-host", "type=" + type, "text=" + text, "out=" + run.resolve(type)))
                    .toArray(String[]::new);
            String found = new CommandRun(Train.class).run(0, options);
            assertTrue(found.contains(type + ", cuda-host"), found);
            String written = new CommandRun(Generate.class)
                    .run(0, "device=cuda-host", "checkpoint=" + run.resolve(type), "prompt=One", "count=3");
            assertTrue(written.contains("One"), written);
            assertFalse(written.contains("NaN"), written);
        }
    }
}
