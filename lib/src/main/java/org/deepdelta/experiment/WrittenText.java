package org.deepdelta.experiment;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.deepdelta.data.Tokenizer;
import org.deepdelta.model.Continuation;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.Sampling;
import org.deepdelta.tensor.Device;

/**
 * Text that a model has written after a prompt. It ends where the model ends it, with the end-of-text token, or after a number of tokens.
 *
 * @param text without the prompt; bytes that are no UTF-8 are written U+FFFD
 * @param prompt tokens of the prompt
 * @param tokens chosen, an end-of-text token included
 * @param ended whether the model ended it
 * @param promptSeconds for reading the prompt
 * @param seconds for choosing and reading the tokens
 */
public record WrittenText(String text, int prompt, int tokens, boolean ended, double promptSeconds, double seconds) {

    /** Tokens a second, the prompt apart. */
    public double tokensPerSecond() {
        return tokens / seconds;
    }

    /**
     * Has a model write.
     *
     * @param tokenizer of the model
     * @param prompt what comes before; an empty one begins with the end-of-text token, as documents do in training
     * @param count tokens at most
     * @param sampling how tokens are chosen; tokens that stand for no text are not
     * @param as given every piece of text as it comes, always whole characters
     * @throws IllegalArgumentException if the tokenizer's vocabulary is not the model's, or count is negative
     */
    public static WrittenText by(
            Gpt gpt,
            Device device,
            Tokenizer tokenizer,
            String prompt,
            int count,
            Sampling sampling,
            Consumer<String> as) {
        if (tokenizer.vocabulary() != gpt.config().vocabulary()) {
            throw new IllegalArgumentException("tokenizer " + tokenizer.name() + ": expected a vocabulary of "
                    + gpt.config().vocabulary() + ", as the model has, got " + tokenizer.vocabulary());
        }
        if (count < 0) {
            throw new IllegalArgumentException("count: expected >= 0, got " + count);
        }
        int[] begin = prompt.isEmpty() ? new int[] {tokenizer.endOfText()} : tokenizer.encode(prompt);
        Characters characters = new Characters();
        StringBuilder text = new StringBuilder();
        try (Continuation continuation = new Continuation(gpt, device)) {
            long start = System.nanoTime();
            double[] logits = continuation.read(begin);
            long read = System.nanoTime();
            int tokens = 0;
            boolean ended = false;
            while (tokens < count && !ended) {
                int next = sampling.choose(Arrays.copyOf(logits, tokenizer.tokens()), tokens++);
                ended = next == tokenizer.endOfText();
                if (!ended) {
                    give(characters.after(tokenizer.bytes(next)), text, as);
                    logits = tokens < count ? continuation.read(next) : null;
                }
            }
            give(characters.end(), text, as);
            long end = System.nanoTime();
            return new WrittenText(
                    text.toString(), begin.length, tokens, ended, (read - start) / 1e9, (end - read) / 1e9);
        }
    }

    private static void give(String piece, StringBuilder text, Consumer<String> as) {
        if (!piece.isEmpty()) {
            text.append(piece);
            as.accept(piece);
        }
    }

    /** Bytes into characters; those of a character that is not whole yet are held back. */
    static final class Characters {
        private final CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        private ByteBuffer held = ByteBuffer.allocate(0);

        String after(byte[] bytes) {
            ByteBuffer in = ByteBuffer.allocate(held.remaining() + bytes.length);
            held = in.put(held).put(bytes).flip();
            return decode(false);
        }

        String end() {
            return decode(true);
        }

        private String decode(boolean end) {
            CharBuffer out = CharBuffer.allocate(held.remaining());
            decoder.decode(held, out, end);
            return out.flip().toString();
        }
    }
}
