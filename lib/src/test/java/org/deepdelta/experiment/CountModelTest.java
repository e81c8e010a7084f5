package org.deepdelta.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.ByteRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.deepdelta.data.Tokenizer;
import org.deepdelta.data.Tokens;
import org.deepdelta.tensor.Rng;
import org.junit.jupiter.api.Test;

final class CountModelTest {
    private static final Tokenizer BYTES = Tokenizer.named("bytes");

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void probabilitiesSumToOne(
            @ForAll @Size(max = 300) @ByteRange(min = -2, max = 2) byte[] text,
            @ForAll @Size(max = 6) @ByteRange(min = -3, max = 3) byte[] before,
            @ForAll @IntRange(min = 1, max = 200) int limit) {
        CountModel model = new CountModel(limit).count(Tokens.of(text), BYTES);
        double sum = 0;
        for (int c = 0; c < 256; c++) {
            double p = model.probability(before, c);
            assertTrue(p > 0, "p = " + p);
            sum += p;
        }
        assertEquals(1, sum, 1e-12);
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void isTheFormula(
            @ForAll @Size(max = 300) @ByteRange(min = -2, max = 2) byte[] text,
            @ForAll @Size(max = 6) @ByteRange(min = -3, max = 3) byte[] before,
            @ForAll @ByteRange(min = -3, max = 3) byte c) {
        CountModel model = new CountModel().count(Tokens.of(text), BYTES);
        assertEquals(formula(text, before, c), model.probability(before, c & 0xFF), 1e-14);
    }

    /** The definition, with counts made anew for every context. */
    private static double formula(byte[] text, byte[] before, byte c) {
        double p = 1.0 / 256;
        for (int n = 0; n <= Math.min(CountModel.ORDER, before.length); n++) {
            byte[] h = Arrays.copyOfRange(before, before.length - n, before.length);
            Map<Byte, Integer> following = new HashMap<>();
            for (int i = n; i < text.length; i++) {
                if (Arrays.equals(h, Arrays.copyOfRange(text, i - n, i))) {
                    following.merge(text[i], 1, Integer::sum);
                }
            }
            int total = following.values().stream().mapToInt(Integer::intValue).sum();
            if (total > 0) {
                p = (following.getOrDefault(c, 0) + following.size() * p) / (total + following.size());
            }
        }
        return p;
    }

    @Test
    void scoresAllBytesButTheFirst() {
        byte[] text = "abracadabra, abracadabra".getBytes(StandardCharsets.US_ASCII);
        CountModel model = new CountModel().count(Tokens.of(text), BYTES);
        double bits = 0;
        for (int i = 1; i < text.length; i++) {
            bits -= Math.log(model.probability(Arrays.copyOf(text, i), text[i])) / Math.log(2);
        }
        CountModel.Score score = model.score(Tokens.of(text), BYTES);
        assertEquals(text.length - 1, score.bytes());
        assertEquals(bits, score.bits(), 1e-10);
        assertEquals(bits / (text.length - 1), score.bitsPerByte(), 1e-12);
    }

    @Test
    void aModelThatHasSeenNothingTakesEightBits() {
        CountModel.Score score = new CountModel().score(Tokens.of(new byte[100]), BYTES);
        assertEquals(8, score.bitsPerByte(), 1e-12);
    }

    @Test
    void approachesTheEntropyOfASource() {
        CountModel model = new CountModel().count(source(1, 400_000), BYTES);
        // four continuations of each byte, all as likely
        assertEquals(2, model.score(source(2, 100_000), BYTES).bitsPerByte(), 0.03);
    }

    private static Tokens source(long seed, int length) {
        byte[] text = new byte[length];
        Rng rng = Rng.of(seed, "source");
        for (int i = 1; i < length; i++) {
            text[i] = (byte) ((text[i - 1] * 5 + 1 + rng.below(i, 4)) % 16);
        }
        return Tokens.of(text);
    }

    @Test
    void whatHasNoRoomIsNotCounted() {
        Tokens text = source(1, 10_000);
        CountModel whole = new CountModel().count(text, BYTES);
        CountModel small = new CountModel(100).count(text, BYTES);
        assertFalse(whole.isFull());
        assertTrue(small.isFull());
        assertTrue(small.score(text, BYTES).bits() > whole.score(text, BYTES).bits());
    }

    @Test
    void tokensOfAnotherKindGiveTheSameBytes() {
        String text = "public static int[] encode(String text) { return null; }\n".repeat(5);
        Tokenizer gpt2 = Tokenizer.named("gpt2");
        int[] tokens = gpt2.encode(text);
        CountModel ofBytes = new CountModel().count(Tokens.of(text.getBytes(StandardCharsets.UTF_8)), BYTES);
        CountModel ofTokens = new CountModel().count(new EvaluationTest.Ints(tokens), gpt2);
        for (int c = 0; c < 256; c++) {
            byte[] before = "int".getBytes(StandardCharsets.UTF_8);
            assertEquals(ofBytes.probability(before, c), ofTokens.probability(before, c));
        }
    }
}
