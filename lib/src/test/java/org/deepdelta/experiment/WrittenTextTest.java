package org.deepdelta.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deepdelta.data.ByteTokenizer;
import org.deepdelta.data.Gpt2Tokenizer;
import org.deepdelta.data.Tokenizer;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.model.Sampling;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.junit.jupiter.api.Test;

final class WrittenTextTest {
    private final Device device = Device.cpu();
    private final Gpt gpt = new Gpt(GptConfig.of(256, 1, 2, 8), ResidualStream.of("ddl_tc_ec"), device, DType.F32, 3);

    @Test
    void itIsWhatReadingTheWholeTextEachTimeGives() {
        List<String> pieces = new ArrayList<>();
        WrittenText written = write("Öl", 30, Sampling.greedy(), pieces);
        int[] ids = new ByteTokenizer().encode("Öl");
        assertEquals(3, written.prompt());
        int prompt = ids.length;
        for (int i = 0; i < written.tokens(); i++) {
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = Sampling.greedy().choose(logits(Arrays.copyOf(ids, ids.length - 1)), i);
        }
        int end = written.ended() ? ids.length - 1 : ids.length;
        assertEquals(new ByteTokenizer().decode(Arrays.copyOfRange(ids, prompt, end)), written.text());
        assertEquals(written.text(), String.join("", pieces));
        assertTrue(written.ended() || written.tokens() == 30);
        assertTrue(written.tokensPerSecond() > 0);
    }

    @Test
    void theSeedDecides() {
        Sampling seven = new Sampling(1, 0, 1, 7);
        String text = write("a", 40, seven, new ArrayList<>()).text();
        assertEquals(text, write("a", 40, seven, new ArrayList<>()).text());
        assertNotEquals(
                text,
                write("a", 40, new Sampling(1, 0, 1, 8), new ArrayList<>()).text());
    }

    @Test
    void anEmptyPromptBeginsADocument() {
        WrittenText none = write("", 20, Sampling.greedy(), new ArrayList<>());
        assertEquals(1, none.prompt());
        assertEquals(
                none.text(),
                write("\0", 20, Sampling.greedy(), new ArrayList<>()).text());
        assertEquals("", write("a", 0, Sampling.greedy(), new ArrayList<>()).text());
    }

    @Test
    void tokensThatOnlyPadTheTableAreNotChosen() {
        Tokenizer gpt2 = new Gpt2Tokenizer();
        Gpt large =
                new Gpt(GptConfig.of(gpt2.vocabulary(), 1, 1, 2), ResidualStream.of("additive"), device, DType.F32, 0);
        double[] table =
                large.parameters().named().get("transformer.wte.weight").toDoubles();
        for (int i = 0; i < table.length; i++) {
            table[i] = i / 2 < gpt2.tokens() ? 0.01 * table[i] : 5 - 10 * (i / 2 % 2);
        }
        large.parameters().named().get("transformer.wte.weight").set(table);
        WrittenText written = WrittenText.by(large, device, gpt2, "Hi", 3, Sampling.greedy(), piece -> {});
        assertEquals(1, written.prompt());
        assertTrue(written.tokens() == 3 || written.ended());
    }

    @Test
    void charactersComeWhole() {
        String text = "a\u00e9\u20ac\ud83d\ude00\n\u0000z";
        WrittenText.Characters characters = new WrittenText.Characters();
        List<String> pieces = new ArrayList<>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            pieces.add(characters.after(new byte[] {b}));
        }
        pieces.add(characters.end());
        assertEquals(
                List.of("a", "", "\u00e9", "", "", "\u20ac", "", "", "", "\ud83d\ude00", "\n", "\u0000", "z", ""),
                pieces);
    }

    @Test
    void whatIsNoUtf8IsReplaced() {
        byte[] bytes = {'a', (byte) 0xE2, (byte) 0x82, 'b', (byte) 0xFF, (byte) 0x80, (byte) 0xF0, (byte) 0x9F};
        String whole = new String(bytes, StandardCharsets.UTF_8);
        for (int size = 1; size <= bytes.length; size++) {
            WrittenText.Characters characters = new WrittenText.Characters();
            StringBuilder text = new StringBuilder();
            for (int at = 0; at < bytes.length; at += size) {
                text.append(characters.after(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size))));
            }
            assertEquals(whole, text.append(characters.end()).toString(), size + " bytes a token");
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> WrittenText.by(gpt, device, new Gpt2Tokenizer(), "a", 1, Sampling.greedy(), piece -> {}));
        assertTrue(e.getMessage().contains("gpt2: expected a vocabulary of 256"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> write("a", -1, Sampling.greedy(), new ArrayList<>()));
    }

    private WrittenText write(String prompt, int count, Sampling sampling, List<String> pieces) {
        return WrittenText.by(gpt, device, new ByteTokenizer(), prompt, count, sampling, pieces::add);
    }

    private double[] logits(int... ids) {
        Arena arena = device.arena();
        Tape t = Tape.evaluating(device, arena);
        double[] logits = gpt.logits(
                        t,
                        t.allocate(Spec.of(DType.I32, Shape.of(1, ids.length))).set(ids))
                .toDoubles();
        arena.close();
        return Arrays.copyOfRange(logits, logits.length - 256, logits.length);
    }
}
