package org.deepdelta.data;

/** Text to tokens and back. Tokens are numbers from 0 to {@link #vocabulary()} - 1. */
public interface Tokenizer {

    /**
     * The tokenizer of that name, for configurations: {@code bytes} ({@link ByteTokenizer}) or {@code gpt2} ({@link Gpt2Tokenizer}).
     *
     * @param name one of the two
     * @return the tokenizer
     * @throws IllegalArgumentException for another name
     */
    static Tokenizer named(String name) {
        return switch (name) {
            case "bytes" -> new ByteTokenizer();
            case "gpt2" -> new Gpt2Tokenizer();
            default -> throw new IllegalArgumentException("tokenizer: expected bytes or gpt2, got \"" + name + "\"");
        };
    }

    /**
     * The name in configurations.
     *
     * @return what {@link #named} knows it by
     */
    String name();

    /**
     * The number of different tokens that a model has to have rows for.
     *
     * @return at least 1
     */
    int vocabulary();

    /**
     * The token that stands before each document; {@link #encode} never makes it of a text without zero characters.
     *
     * @return below {@link #vocabulary()}
     */
    int endOfText();

    /**
     * Cuts text into tokens.
     *
     * @param text any text
     * @return its tokens
     */
    int[] encode(String text);

    /**
     * Joins tokens to text. {@code decode(encode(text))} is {@code text}.
     *
     * @param tokens tokens of this vocabulary
     * @return the text
     * @throws IllegalArgumentException naming the first token outside the vocabulary and its index
     */
    String decode(int... tokens);

    /**
     * The bytes of text that a token stands for: what bits per byte are counted by. The mark between documents stands for one zero byte,
     * whatever the tokenizer, so that all tokenizers speak of the same bytes.
     *
     * @param token of this vocabulary
     * @return at least one byte
     * @throws IllegalArgumentException if it stands for no text
     */
    byte[] bytes(int token);
}
