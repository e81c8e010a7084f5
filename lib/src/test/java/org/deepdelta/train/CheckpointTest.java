package org.deepdelta.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Safetensors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointTest {
    private static final TrainConfig CONFIG = TinyRun.config(6).every(0, 2);

    @TempDir
    Path folder;

    private TinyRun done;

    @BeforeEach
    void train() {
        done = new TinyRun(DType.F32, CONFIG);
        done.trainer.in(folder).run();
        done.trainer.close();
    }

    @Test
    void theLastTwoAreKept() throws IOException {
        List<String> names = Checkpoint.list(folder).stream()
                .map(f -> f.getFileName().toString())
                .toList();
        assertEquals(List.of("checkpoint-00000006.safetensors", "checkpoint-00000004.safetensors"), names);
    }

    @Test
    void itHoldsTheAuthorsNames() throws IOException {
        Safetensors file = Safetensors.open(Checkpoint.list(folder).get(0));
        assertTrue(file.names().containsAll(done.gpt.parameters().named().keySet()));
        assertArrayEquals(file.doubles("transformer.wte.weight"), file.doubles("lm_head.weight"));
        assertTrue(file.has("optimizer.v.transformer.h.0.attn.c_q.weight"));
        assertEquals("6", file.metadata().get("position"));
    }

    @Test
    void aModelAloneCanBeRead() throws IOException {
        TinyRun other = new TinyRun(DType.F32, CONFIG.withSeed(5));
        Checkpoint.newest(folder).restore(other.gpt.state());
        assertEquals(done.bits(), other.bits());
    }

    @Test
    void everyFlippedBitAndEveryCutIsNoticed() throws IOException {
        Path file = Checkpoint.list(folder).get(0);
        byte[] whole = Files.readAllBytes(file);
        Rng rng = Rng.of(1, "flips");
        for (int i = 0; i < 300; i++) {
            byte[] broken = whole.clone();
            // the header, where most can go wrong, as often as all the rest
            int at = (int) rng.below(2 * i, i % 2 == 0 ? 2000 : broken.length);
            broken[at] ^= (byte) (1 << rng.below(2 * i + 1, 8));
            Files.write(file, broken);
            IOException e = assertThrows(IOException.class, () -> Checkpoint.open(file), "byte " + at);
            assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        }
        for (int i = 0; i < 100; i++) {
            Files.write(file, Arrays.copyOf(whole, (int) rng.below(1000 + i, whole.length)));
            assertThrows(IOException.class, () -> Checkpoint.open(file));
        }
        Files.write(file, Arrays.copyOf(whole, whole.length + 1));
        assertThrows(IOException.class, () -> Checkpoint.open(file), "one byte more");
        Files.write(file, whole);
        assertEquals(6, Checkpoint.open(file).step());
    }

    @Test
    void theOneBeforeABrokenOneStaysUsable() throws IOException {
        Path file = Checkpoint.list(folder).get(0);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> resume(CONFIG, "ddl_scalar"));
        assertTrue(e.getMessage().contains("delete the broken one to continue from step 4"), e.getMessage());
        assertEquals(2, Checkpoint.list(folder).size());
        Files.delete(file);
        assertEquals(done.bits(), resume(CONFIG, "ddl_scalar"));
    }

    @Test
    void anUnfinishedOneIsOverlooked() throws IOException {
        Files.writeString(folder.resolve("checkpoint.tmp"), "a write that was killed");
        assertEquals(6, Checkpoint.newest(folder).step());
    }

    @Test
    void aRunOfOtherNumbersIsRefused() {
        assertRefused("seed: was 0, is 3", CONFIG.withSeed(3), "ddl_scalar");
        assertRefused("accumulation: was 1, is 2", CONFIG.withAccumulation(2), "ddl_scalar");
        assertRefused("the model has no [transformer.h.0.ddl_attn.beta.bias", CONFIG, "additive");
        TinyRun otherText = new TinyRun(DType.F32, CONFIG, "ddl_scalar", 8, 99);
        UncheckedIOException e = assertThrows(
                UncheckedIOException.class,
                () -> otherText.trainer.in(folder).resuming().run());
        assertTrue(e.getMessage().contains("data: was "), e.getMessage());
    }

    @Test
    void aModelOfOtherSizesIsRefusedUntouched() throws IOException {
        Gpt wide = new Gpt(GptConfig.of(32, 1, 2, 16), ResidualStream.of("ddl_scalar"), done.device, DType.F32, 0);
        String before = TinyRun.bits(wide);
        IOException e =
                assertThrows(IOException.class, () -> Checkpoint.newest(folder).restore(wide.state()));
        assertTrue(
                e.getMessage().contains("transformer.wte.weight: expected F32 [32, 16], got F32 [32, 8]"),
                e.getMessage());
        assertEquals(before, TinyRun.bits(wide));
        Gpt twice = new Gpt(GptConfig.of(32, 1, 2, 8), ResidualStream.of("ddl_scalar"), done.device, DType.F64, 0);
        e = assertThrows(IOException.class, () -> Checkpoint.newest(folder).restore(twice.state()));
        assertTrue(e.getMessage().contains("expected F64"), e.getMessage());
    }

    @Test
    void whatElseLiesThereIsNotACheckpoint() throws IOException {
        Path plain = folder.resolve("checkpoint-00000009.safetensors");
        Safetensors.write(plain, done.gpt.state(), Map.of());
        IOException e = assertThrows(IOException.class, () -> Checkpoint.newest(folder));
        assertTrue(e.getMessage().contains("format: expected deepdelta-checkpoint-2"), e.getMessage());
    }

    @Test
    void aLogOfAnotherKindIsRefused() throws IOException {
        Files.writeString(folder.resolve("log.csv"), "a,b\n1,2\n");
        UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> resume(CONFIG, "ddl_scalar"));
        assertTrue(e.getMessage().contains("line 1: expected step,tokens"), e.getMessage());
    }

    private void assertRefused(String expected, TrainConfig config, String rule) {
        UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> resume(config, rule));
        assertTrue(e.getMessage().contains(expected), e.getMessage());
    }

    private String resume(TrainConfig config, String rule) {
        TinyRun run = new TinyRun(DType.F32, config, rule, 8, 0);
        try (Trainer trainer = run.trainer) {
            trainer.in(folder).resuming().run();
            return run.bits();
        }
    }
}
