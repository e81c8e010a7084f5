package org.deepdelta.data;

/** Text to tokens and back. Tokens are numbers from 0 to {@link #vocabulary()} - 1. */
public interface Tokenizer {

    /**
     * The number of different tokens.
     *
     * @return at least 1
     */
    int vocabulary();

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
}
