package org.deepdelta.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class ByteTokenizerTest {
    private final Tokenizer bytes = new ByteTokenizer();

    @Property(tries = 200)
    void decodeUndoesEncode(@ForAll String text) {
        String whole = text.replaceAll("[\\ud800-\\udfff]", "");
        assertEquals(whole, bytes.decode(bytes.encode(whole)));
    }

    @Test
    void oneTokenAByteOfUtf8() {
        assertArrayEquals(new int[] {0x61, 0xC3, 0xA9, 0xF0, 0x9F, 0x99, 0x82}, bytes.encode("aé\uD83D\uDE42"));
        assertEquals(256, bytes.vocabulary());
    }

    @Test
    void refusesWhatIsNoByte() {
        String message = assertThrows(IllegalArgumentException.class, () -> bytes.decode(65, 256))
                .getMessage();
        assertTrue(message.contains("256 at index 1"), message);
    }
}
