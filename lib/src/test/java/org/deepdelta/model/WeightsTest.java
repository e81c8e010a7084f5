package org.deepdelta.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Safetensors;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights under the authors' names, to and from their files. */
final class WeightsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"baseline", "ddl_scalar", "opt_tc_ec_groupnorm_noqknorm", "opt_cc_ec_accel_causal"})
    void theAuthorsFileComesBackByteForByte(String name) throws Exception {
        Path file = files(name).resolve("params.safetensors");
        Path saved = folder.resolve("saved.safetensors");
        authors(name, Device.cpu(), DType.F32).load(file).save(saved);
        Safetensors expected = Safetensors.open(file);
        Safetensors actual = Safetensors.open(saved);
        assertEquals(expected.names(), actual.names());
        for (String tensor : expected.names()) {
            assertEquals(expected.type(tensor), actual.type(tensor), tensor);
            assertEquals(expected.shape(tensor), actual.shape(tensor), tensor);
            assertArrayEquals(bytes(file, tensor), bytes(saved, tensor), tensor);
        }
        Gpt wide = authors(name, Device.reference(), DType.F64).load(file);
        for (Map.Entry<String, Tensor> entry : wide.state().entrySet()) {
            assertArrayEquals(expected.doubles(entry.getKey()), entry.getValue().toDoubles(), entry.getKey());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"F32", "F64"})
    void whatWasSavedIsLoaded(DType type) throws IOException {
        Path file = folder.resolve("weights.safetensors");
        Gpt one = gpt("ddl_tc_ec", 8, type, 1);
        one.save(file);
        Gpt other = gpt("ddl_tc_ec", 8, type, 2).load(file);
        assertArrayEquals(
                one.parameters().storage().toDoubles(),
                other.parameters().storage().toDoubles());
    }

    @Test
    void numbersAreTakenOverFromAnotherModel() {
        Gpt one = gpt("ddl_tc_ec", 8, DType.F32, 1);
        Gpt wide = gpt("ddl_tc_ec", 8, DType.F64, 2).load(one);
        assertArrayEquals(
                one.parameters().storage().toDoubles(),
                wide.parameters().storage().toDoubles());
        for (Gpt other : new Gpt[] {gpt("ddl_tc_ec", 16, DType.F32, 1), gpt("ddl_scalar", 8, DType.F32, 1)}) {
            double[] before = other.parameters().storage().toDoubles();
            Throwable e = assertThrows(IllegalArgumentException.class, () -> other.load(one));
            assertTrue(e.getMessage().startsWith("parameter "), e.getMessage());
            assertArrayEquals(before, other.parameters().storage().toDoubles());
        }
    }

    @Test
    void theClassifierMayBeLeftOut() throws IOException {
        Gpt one = gpt("ddl_scalar", 8, DType.F32, 1);
        Path file = write(one, tensors -> tensors.remove("lm_head.weight"));
        assertArrayEquals(
                one.parameters().storage().toDoubles(),
                gpt("ddl_scalar", 8, DType.F32, 2)
                        .load(file)
                        .parameters()
                        .storage()
                        .toDoubles());
    }

    @Test
    void weightsOfAnotherModelAreRefusedUntouched() throws IOException {
        Gpt one = gpt("ddl_scalar", 8, DType.F32, 1);
        Path plain = write(one, tensors -> {});
        assertRefused(
                plain,
                gpt("additive", 8, DType.F32, 2),
                "the file has no [] and the model has no [transformer.h.0.ddl");
        assertRefused(plain, gpt("ddl_cc", 8, DType.F32, 2), "the file has no [readout.read, readout.weight,");
        assertRefused(
                plain,
                gpt("ddl_scalar", 16, DType.F32, 2),
                "tensor transformer.wte.weight: expected F32 [7, 16], got F32 [7, 8]");
        Path wide = write(gpt("ddl_scalar", 8, DType.F64, 1), tensors -> {});
        assertRefused(
                wide,
                gpt("ddl_scalar", 8, DType.F32, 2),
                "tensor transformer.wte.weight: expected F32 [7, 8], got F64 [7, 8]");
        Path integers = write(
                one, tensors -> tensors.put("ln_f.weight", Device.cpu().allocate(Spec.of(DType.I32, Shape.of(8)))));
        assertRefused(integers, gpt("ddl_scalar", 8, DType.F32, 2), "tensor ln_f.weight: expected F32 [8], got I32");
        Path untied = write(
                one,
                tensors -> tensors.put("lm_head.weight", Device.cpu().allocate(Spec.of(DType.F32, Shape.of(7, 8)))));
        assertRefused(
                untied,
                gpt("ddl_scalar", 8, DType.F32, 2),
                "tensor lm_head.weight: expected the numbers of transformer.wte.weight");
    }

    @Test
    void aFileThatIsCutOrIsNoneIsRefusedUntouched() throws IOException {
        Path file = write(gpt("ddl_scalar", 8, DType.F32, 1), tensors -> {});
        byte[] whole = Files.readAllBytes(file);
        Gpt model = gpt("ddl_scalar", 8, DType.F32, 2);
        Rng rng = Rng.of(4, "cuts");
        for (int i = 0; i < 60; i++) {
            Files.write(file, Arrays.copyOf(whole, (int) rng.below(i, whole.length)));
            assertRefused(file, model, file.toString());
        }
        assertThrows(IOException.class, () -> model.load(folder.resolve("none.safetensors")));
    }

    /** Changes what is in a file. */
    private interface Change {
        void to(Map<String, Tensor> tensors);
    }

    private Path write(Gpt gpt, Change change) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>(gpt.state());
        change.to(tensors);
        Path file = Files.createTempFile(folder, "weights", ".safetensors");
        Safetensors.write(file, tensors, Map.of());
        return file;
    }

    private static void assertRefused(Path file, Gpt model, String message) {
        double[] before = model.parameters().storage().toDoubles();
        IOException e = assertThrows(IOException.class, () -> model.load(file));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        assertArrayEquals(before, model.parameters().storage().toDoubles());
    }

    private static Gpt gpt(String rule, int width, DType type, long seed) {
        Device device = type == DType.F32 ? Device.cpu() : Device.reference();
        return new Gpt(GptConfig.of(7, 1, 2, width), ResidualStream.of(rule), device, type, seed);
    }

    private static Gpt authors(String name, Device device, DType type) throws Exception {
        JsonNode config =
                new ObjectMapper().readTree(files(name).resolve("config.json").toFile());
        AuthorsConfig authors = AuthorsConfig.read(config.path("variant").asText(), config.path("config"));
        return new Gpt(authors.gpt(), authors.residual(), device, type, 0);
    }

    private static Path files(String name) throws URISyntaxException {
        String folder = name.startsWith("opt_") ? "/weights/" : "/parity/models/";
        return Path.of(WeightsTest.class.getResource(folder + name).toURI());
    }

    /** A tensor's bytes as they stand in the file, found by its header alone. */
    private static byte[] bytes(Path file, String tensor) throws IOException {
        byte[] all = Files.readAllBytes(file);
        int header =
                8 + (int) ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
        JsonNode offsets = new ObjectMapper()
                .readTree(Arrays.copyOfRange(all, 8, header))
                .path(tensor)
                .path("data_offsets");
        return Arrays.copyOfRange(
                all, header + offsets.get(0).asInt(), header + offsets.get(1).asInt());
    }
}
