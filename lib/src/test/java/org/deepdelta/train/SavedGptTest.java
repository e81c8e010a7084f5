package org.deepdelta.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.deepdelta.data.Batches;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.nn.Parameters;
import org.deepdelta.residual.Additive;
import org.deepdelta.residual.DeltaConfig;
import org.deepdelta.residual.DeltaScalar;
import org.deepdelta.residual.Read;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Safetensors;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class SavedGptTest {
    private static final TrainConfig CONFIG = TinyRun.config(2);

    @TempDir
    Path folder;

    private final Device device = Device.cpu();

    private Gpt trained(ResidualStream rule) {
        Gpt gpt = new Gpt(GptConfig.of(32, 1, 2, 8), rule, device, DType.F32, 1);
        try (Trainer trainer = trainer(gpt)) {
            trainer.run();
        }
        return gpt;
    }

    private Trainer trainer(Gpt gpt) {
        return Trainer.of(gpt, device, CONFIG, Batches.random(TinyRun.text(), TinyRun.B, TinyRun.T, 0))
                .in(folder);
    }

    private void comesBack(Gpt gpt) throws IOException {
        Gpt read = SavedGpt.read(Checkpoint.newest(folder), device);
        assertEquals(gpt.config(), read.config());
        assertEquals(gpt.residual().describe(), read.residual().describe());
        assertEquals(TinyRun.bits(gpt), TinyRun.bits(read));
    }

    @ParameterizedTest
    @FieldSource("org.deepdelta.model.Rules#ALL")
    void aModelIsMadeFromItsCheckpointAlone(String rule) throws IOException {
        comesBack(trained(ResidualStream.of(rule)));
    }

    @Test
    void aRuleThatWasConfiguredInCodeIsMadeAgain() throws IOException {
        comesBack(trained(new DeltaScalar(DeltaConfig.paper().with(new DeltaConfig.Gate(0.25, 3, true)))));
    }

    @Test
    void aRuleThatDoesNotSayItsOptionsIsNotTakenForAnother() throws IOException {
        trained(new Halved("additive:halved"));
        refused("additive:halved", "has to be made by the code that trained it");
        sealed(GptConfig.of(32, 1, 2, 8), "ddl_scalar");
        refused("rule: expected ddl_scalar, but its name makes ddl_scalar:", "has to be made by the code");
    }

    /** A checkpoint of an additive model of width 8 that says it is something else. */
    private void sealed(GptConfig config, String rule) throws IOException {
        sealed(config.json(), rule);
    }

    private void sealed(String config, String rule) throws IOException {
        Gpt gpt = new Gpt(GptConfig.of(32, 1, 2, 8), new Additive(), device, DType.F32, 1);
        Map<String, String> metadata = new TreeMap<>(Map.of("format", "deepdelta-checkpoint-2", "step", "2"));
        metadata.putAll(Map.of("position", "2", "config.type", "F32", "config.model", config, "config.rule", rule));
        Safetensors.writeSealed(folder.resolve("checkpoint-00000002.safetensors"), gpt.state(), metadata);
    }

    @Test
    void noMemoryIsTakenForSizesThatTheFileDoesNotHave() throws IOException {
        int huge = 1 << 28;
        sealed(GptConfig.of(huge, 1, 2, 8), "additive");
        refused("transformer.wte.weight: expected [268435456, 8] by the model's sizes, got [32, 8]");
        sealed(GptConfig.of(32, 1, 2, huge), "additive");
        refused("transformer.wte.weight: expected [32, 268435456]");
        sealed(GptConfig.of(32, 4096, 2, 8), "additive");
        refused("no tensor transformer.h.4095.");
        sealed(GptConfig.of(32, 1, 2, 8).json().replace("\"layers\":1", "\"layers\":" + huge), "additive");
        refused("layers: expected at most 4096, got 268435456");
        String rule = ResidualStream.of("ddl_scalar:hidden=" + huge).describe();
        sealed(GptConfig.of(32, 1, 2, 8), rule);
        refused("no tensor transformer.h.0.ddl_attn");
    }

    @Test
    void aRuleWithoutAProviderTrainsAndIsRestoredByItsCode() throws IOException {
        Gpt gpt = trained(new Halved("halved"));
        refused("expected one of additive, ", "got \"halved\"", "has to be made by the code that trained it");
        Gpt other = new Gpt(GptConfig.of(32, 1, 2, 8), new Halved("halved"), device, DType.F32, 7);
        Checkpoint.newest(folder).restore(other.state());
        assertEquals(TinyRun.bits(gpt), TinyRun.bits(other));
        try (Trainer trainer = trainer(other)) {
            assertEquals(2, trainer.resuming().run().rows().size());
        }
    }

    /** As a notebook might write it. */
    private record Halved(String name) implements ResidualStream {

        @Override
        public void declare(Parameters p, Dimensions dimensions) {
            // no parameters
        }

        @Override
        public Tensor rewrite(Tape t, int s, Read r, Tensor h) {
            return t.add(t.scale(r.state(), 0.5), h);
        }
    }

    @Test
    void whatIsNoLanguageModelIsRefused() {
        Gpt gpt = new Gpt(GptConfig.of(32, 1, 2, 8), new Additive(), device, DType.F32, 1);
        Batches data = Batches.random(TinyRun.text(), TinyRun.B, TinyRun.T, 0);
        try (Trainer trainer = new Trainer(gpt.parameters(), gpt.state(), device, CONFIG, data, gpt::loss)) {
            trainer.in(folder).run();
        }
        refused("no language model: it does not say its \"model\"");
    }

    @Test
    void anOlderCheckpointIsRefused() throws IOException {
        Path file = folder.resolve("checkpoint-00000002.safetensors");
        Gpt gpt = new Gpt(GptConfig.of(32, 1, 2, 8), new Additive(), device, DType.F32, 1);
        Safetensors.writeSealed(file, gpt.state(), Map.of("format", "deepdelta-checkpoint-1", "step", "2"));
        refused("got deepdelta-checkpoint-1, which does not say what its model is");
    }

    private void refused(String... parts) {
        IOException e = assertThrows(IOException.class, () -> SavedGpt.read(Checkpoint.newest(folder), device));
        assertTrue(e.getMessage().contains("checkpoint-00000002.safetensors"), e.getMessage());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
    }

    @Test
    void sizesAreReadAsTheyWereWritten() {
        GptConfig config = GptConfig.of(50304, 12, 6, 768);
        assertEquals(config, GptConfig.parse(config.json()));
        String json = config.json();
        assertNoConfig(json.replace("\"layers\":12", "\"layers\":-1"), "layers: expected > 0, got -1");
        assertNoConfig(json.replace("\"layers\":12,", ""), "layers");
        assertNoConfig(json.replace("\"layers\":12", "\"layers\":null"), "layers");
        assertNoConfig(json.replace("\"layers\":12", "\"layers\":1.5"), "1.5");
        assertNoConfig(json.replace("\"layers\":12", "\"layers\":12,\"layers\":13"), "layers");
        assertNoConfig(json.replace("\"layers\"", "\"blocks\""), "blocks");
        assertNoConfig(json + "1", "1");
        assertNoConfig("null", "null");
        assertNoConfig("", "model: ");
    }

    private static void assertNoConfig(String json, String part) {
        String message = assertThrows(IllegalArgumentException.class, () -> GptConfig.parse(json))
                .getMessage();
        assertTrue(message.contains(part), message);
    }
}
