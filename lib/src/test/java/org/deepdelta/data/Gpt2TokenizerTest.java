package org.deepdelta.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class Gpt2TokenizerTest {
    private static final Tokenizer GPT2 = Tokenizer.named("gpt2");

    /** How GPT-2 cuts text into words, each of which is merged by itself. */
    private static final Pattern WORDS = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);

    /** A token's number is its rank among the merges, but for the single bytes. */
    private static final Map<String, Integer> RANKS = ranks();

    private static Map<String, Integer> ranks() {
        Map<String, Integer> ranks = new HashMap<>();
        for (int id = 0; id < 50256; id++) {
            ranks.put(latin(GPT2.bytes(id)), id);
        }
        return ranks;
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void knownTokens() {
        assertArrayEquals(new int[] {15496, 995}, GPT2.encode("Hello world"));
        assertArrayEquals(new int[] {15496, 11, 995, 0}, GPT2.encode("Hello, world!"));
        assertArrayEquals(new int[] {464, 2068, 7586, 21831}, GPT2.encode("The quick brown fox"));
        assertArrayEquals(new int[] {198, 220, 220, 220, 1441, 15}, GPT2.encode("\n    return0"));
        assertArrayEquals(new int[0], GPT2.encode(""));
    }

    @Test
    void sizes() {
        assertEquals(50304, GPT2.vocabulary());
        assertEquals(50256, GPT2.endOfText());
        assertEquals(50256, RANKS.size(), "no two tokens are alike");
        assertEquals("gpt2", GPT2.name());
    }

    @Property(tries = 300)
    void decodeUndoesEncode(@ForAll("texts") String text) {
        assertEquals(text, GPT2.decode(GPT2.encode(text)));
    }

    @Property(tries = 300)
    void encodesAsMergingByRankDoes(@ForAll("texts") String text) {
        assertArrayEquals(merged(text), GPT2.encode(text));
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings().map(s -> s.replaceAll("[\\ud800-\\udfff]", "")),
                Arbitraries.strings()
                        .withChars("  \n\t'aestrlvdmIl09.,({é\u00a0\u4e2d\u0301")
                        .ofMaxLength(40),
                Arbitraries.of("for", "return", " int", "'ll", "\n    ", "the", " ", "x", "123", "\uD83D\uDE42", "\0")
                        .list()
                        .ofMaxSize(20)
                        .map(words -> String.join("", words)));
    }

    /** Merges, in each word, the neighbours whose token has the lowest number, until none has one. */
    private static int[] merged(String text) {
        List<Integer> tokens = new ArrayList<>();
        Matcher words = WORDS.matcher(text);
        while (words.find()) {
            List<String> parts = new ArrayList<>();
            for (byte b : words.group().getBytes(StandardCharsets.UTF_8)) {
                parts.add(latin(new byte[] {b}));
            }
            for (int at = best(parts); at >= 0; at = best(parts)) {
                parts.set(at, parts.get(at) + parts.remove(at + 1));
            }
            parts.forEach(part -> tokens.add(RANKS.get(part)));
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int best(List<String> parts) {
        int best = -1;
        int lowest = Integer.MAX_VALUE;
        for (int i = 0; i + 1 < parts.size(); i++) {
            int rank = RANKS.getOrDefault(parts.get(i) + parts.get(i + 1), Integer.MAX_VALUE);
            if (rank < lowest) {
                lowest = rank;
                best = i;
            }
        }
        return best;
    }

    @Test
    void theMarkBetweenDocumentsIsNeverMadeOfText() {
        assertEquals("a<|endoftext|>b", GPT2.decode(GPT2.encode("a<|endoftext|>b")));
        assertTrue(GPT2.encode("a<|endoftext|>b").length > 3);
        assertEquals("a<|endoftext|>b", GPT2.decode(64, 50256, 65));
        assertArrayEquals(new byte[] {0}, GPT2.bytes(50256));
    }

    @Test
    void aCutCharacterDecodesToAReplacement() {
        int[] tokens = GPT2.encode("\uD83D\uDE42");
        assertTrue(tokens.length > 1);
        assertEquals("\uFFFD", GPT2.decode(tokens[0]));
    }

    @Test
    void aTokensBytesAreItsPartOfTheText() {
        String text = "if (größe == 0) {\n\treturn \uD83D\uDE42;\n}";
        int bytes = 0;
        for (int token : GPT2.encode(text)) {
            bytes += GPT2.bytes(token).length;
        }
        assertEquals(text.getBytes(StandardCharsets.UTF_8).length, bytes);
    }

    @Test
    void refusesRowsThatOnlyPadAndWhatIsNoToken() {
        refused(() -> GPT2.decode(64, 50257), "token 50257 at index 1, expected 0 to 50256; it only pads");
        refused(() -> GPT2.decode(50303), "token 50303 at index 0, expected 0 to 50256; it only pads");
        refused(() -> GPT2.bytes(50257), "it only pads");
        refused(() -> GPT2.decode(-1), "token -1 at index 0, expected 0 to 50256");
        refused(() -> GPT2.decode(50304), "token 50304 at index 0, expected 0 to 50256");
        refused(() -> Tokenizer.named("gpt4"), "expected bytes or gpt2, got \"gpt4\"");
        assertEquals("bytes", Tokenizer.named("bytes").name());
    }

    private static void refused(Runnable call, String expected) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(expected), message);
    }
}
