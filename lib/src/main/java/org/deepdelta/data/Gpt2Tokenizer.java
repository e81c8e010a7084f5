package org.deepdelta.data;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.nio.charset.StandardCharsets;

/**
 * GPT-2's byte-level BPE (Radford et al. 2019): 256 bytes, 50,000 merges and the mark between documents, 50,257 tokens; its table comes
 * with the library jtokkit, where it is called r50k_base. Text that spells the mark is encoded as ordinary text.
 *
 * <p>A model has {@value #PADDED} rows, a multiple of 128, as in the paper; the last 47 stand for nothing.
 */
public final class Gpt2Tokenizer implements Tokenizer {
    private static final int TOKENS = 50_257;
    private static final int PADDED = 50_304;
    private static final int END_OF_TEXT = 50_256;

    private final Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);

    /** Reads the table, which takes a fraction of a second. */
    public Gpt2Tokenizer() {}

    @Override
    public String name() {
        return "gpt2";
    }

    /**
     * The number of rows of a model's table.
     *
     * @return 50,304, of which 50,257 are tokens
     */
    @Override
    public int vocabulary() {
        return PADDED;
    }

    @Override
    public int tokens() {
        return TOKENS;
    }

    @Override
    public int endOfText() {
        return END_OF_TEXT;
    }

    @Override
    public int[] encode(String text) {
        return encoding.encodeOrdinary(text).toArray();
    }

    /** {@inheritDoc} The mark between documents is written {@code <|endoftext|>}. */
    @Override
    public String decode(int... tokens) {
        return new String(encoding.decodeBytes(checked(tokens)), StandardCharsets.UTF_8);
    }

    @Override
    public byte[] bytes(int token) {
        return token == END_OF_TEXT ? new byte[1] : encoding.decodeBytes(checked(token));
    }

    private static IntArrayList checked(int... tokens) {
        IntArrayList list = new IntArrayList(tokens.length);
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] < 0 || tokens[i] >= TOKENS) {
                boolean padding = tokens[i] >= TOKENS && tokens[i] < PADDED;
                throw new IllegalArgumentException("token " + tokens[i] + " at index " + i + ", expected 0 to "
                        + (TOKENS - 1) + (padding ? "; it only pads the model's table and stands for no text" : ""));
            }
            list.add(tokens[i]);
        }
        return list;
    }
}
