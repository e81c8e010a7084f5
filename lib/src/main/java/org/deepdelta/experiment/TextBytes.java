package org.deepdelta.experiment;

import org.deepdelta.data.Tokenizer;
import org.deepdelta.data.Tokens;

/** The bytes of a text that is kept as tokens, one after the other. */
final class TextBytes {
    private static final int RUN = 1 << 16;

    private TextBytes() {}

    /** Is shown a byte. */
    @FunctionalInterface
    interface Visitor {
        /** The byte c (0 to 255) is of the token with that index. */
        void see(int c, long token);
    }

    static void forEach(Tokens text, Tokenizer tokenizer, Visitor visitor) {
        byte[][] table = new byte[tokenizer.vocabulary()][];
        int[] run = new int[RUN];
        for (long at = 0; at < text.size(); at += RUN) {
            int length = (int) Math.min(RUN, text.size() - at);
            text.copy(at, run, 0, length);
            for (int i = 0; i < length; i++) {
                for (byte b : bytes(table, run[i], tokenizer)) {
                    visitor.see(b & 0xFF, at + i);
                }
            }
        }
    }

    private static byte[] bytes(byte[][] table, int token, Tokenizer tokenizer) {
        if (table[token] == null) {
            table[token] = tokenizer.bytes(token);
        }
        return table[token];
    }
}
