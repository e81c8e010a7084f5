package org.deepdelta.data;

import java.nio.charset.StandardCharsets;

/**
 * One token a byte of the text in UTF-8: a vocabulary of 256 with nothing to train or to fetch. A sequence that cuts a
 * character in two decodes to U+FFFD at the cut.
 */
public final class ByteTokenizer implements Tokenizer {
    private static final int BYTES = 256;

    /** The tokenizer holds no state. */
    public ByteTokenizer() {}

    @Override
    public String name() {
        return "bytes";
    }

    @Override
    public int vocabulary() {
        return BYTES;
    }

    @Override
    public int endOfText() {
        return 0;
    }

    @Override
    public byte[] bytes(int token) {
        return bytes(new int[] {token});
    }

    @Override
    public int[] encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] tokens = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            tokens[i] = bytes[i] & 0xFF;
        }
        return tokens;
    }

    @Override
    public String decode(int... tokens) {
        return new String(bytes(tokens), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(int[] tokens) {
        byte[] bytes = new byte[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] < 0 || tokens[i] >= BYTES) {
                throw new IllegalArgumentException("token " + tokens[i] + " at index " + i + ", expected 0 to 255");
            }
            bytes[i] = (byte) tokens[i];
        }
        return bytes;
    }
}
