package org.deepdelta.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.junit.jupiter.api.Test;

/** What a text to be continued may be; that it continues as the whole text would is in {@link RulesTest}. */
final class ContinuationTest {
    private static final int V = 7;

    private final Device device = Device.reference();
    private final Gpt gpt = gpt("ddl_scalar");

    @Test
    void noTokensAreRefused() {
        try (Continuation text = new Continuation(gpt, device)) {
            assertRefused("expected at least one token to go on from", () -> text.read());
            assertRefused("expected at least one token to go on from", () -> text.read(new int[][] {}));
            text.read(1);
            assertRefused("expected at least one token to go on from", () -> text.read(new int[][] {{}}));
            assertEquals(1, text.position());
        }
    }

    @Test
    void textsOfDifferentLengthAreRefused() {
        try (Continuation text = new Continuation(gpt, device)) {
            assertRefused(
                    "text 1: expected 2 tokens, as many as text 0 has, got 1",
                    () -> text.read(new int[][] {{1, 2}, {3}}));
            assertRefused(
                    "text 2: expected 1 tokens, as many as text 0 has, got 2",
                    () -> text.read(new int[][] {{1}, {2}, {3, 4}}));
            assertEquals(0, text.position());
        }
    }

    @Test
    void anotherNumberOfTextsIsRefused() {
        try (Continuation text = new Continuation(gpt, device)) {
            text.read(new int[][] {{1, 2}, {3, 4}});
            assertRefused("texts: expected 2 as before, got 1", () -> text.read(5));
            assertRefused("texts: expected 2 as before, got 3", () -> text.read(new int[][] {{1}, {2}, {3}}));
            double[][] logits = text.read(new int[][] {{5}, {6}});
            assertClose(whole(gpt, 1, 2, 5), logits[0]);
            assertClose(whole(gpt, 3, 4, 6), logits[1]);
        }
    }

    @Test
    void aTextMayBeShorterThanWhatAConvolutionLooksBack() {
        for (String rule : new String[] {"ddl_tc:kernel=6", "ddl_tc_ec:kernel=5,embedding_kernel=7", "ddl_cc_ec"}) {
            Gpt convolving = gpt(rule);
            int[] ids = ids(9);
            for (int prompt = 1; prompt <= 7; prompt++) {
                try (Continuation text = new Continuation(convolving, device)) {
                    assertClose(whole(convolving, Arrays.copyOf(ids, prompt)), text.read(Arrays.copyOf(ids, prompt)));
                    for (int i = prompt; i < ids.length; i++) {
                        assertClose(whole(convolving, Arrays.copyOf(ids, i + 1)), text.read(ids[i]));
                    }
                }
            }
        }
    }

    @Test
    void thereIsNoLongestText() {
        int[] ids = ids(700); // a model has no length of its own; this is past the first doublings of what is kept
        try (Continuation text = new Continuation(gpt, device)) {
            text.read(Arrays.copyOf(ids, 640));
            double[] logits = null;
            for (int i = 640; i < ids.length; i++) {
                logits = text.read(ids[i]);
            }
            assertClose(whole(gpt, ids), logits);
            assertEquals(700, text.position());
        }
    }

    @Test
    void aTokenOutsideTheVocabularyIsRefusedAndForgotten() {
        for (Device on : new Device[] {device, Device.cpu()}) {
            Gpt model = on == device ? gpt : new Gpt(gpt.config(), ResidualStream.of("ddl_tc_ec"), on, DType.F32, 3);
            double[] expected;
            try (Continuation text = new Continuation(model, on)) {
                text.read(1, 2);
                expected = text.read(3);
            }
            try (Continuation text = new Continuation(model, on)) {
                assertThrows(IndexOutOfBoundsException.class, () -> text.read(new int[][] {{1}, {V}}));
                text.read(1, 2);
                for (int token : new int[] {V, -1, Integer.MAX_VALUE}) {
                    IndexOutOfBoundsException e =
                            assertThrows(IndexOutOfBoundsException.class, () -> text.read(0, token));
                    assertTrue(e.getMessage().contains(Integer.toString(token)), e.getMessage());
                }
                assertEquals(2, text.position());
                assertArrayEquals(expected, text.read(3));
            }
        }
    }

    private static Gpt gpt(String rule) {
        return new Gpt(GptConfig.of(V, 1, 2, 8), ResidualStream.of(rule), Device.reference(), DType.F64, 3);
    }

    private static int[] ids(int count) {
        int[] ids = new int[count];
        Arrays.setAll(ids, i -> (int) Rng.of(2, "ids").below(i, V));
        return ids;
    }

    /** Logits after a text that is read at once, without a past. */
    private double[] whole(Gpt model, int... ids) {
        Arena arena = device.arena();
        Tape t = Tape.evaluating(device, arena);
        double[] logits = model.logits(
                        t,
                        t.allocate(Spec.of(DType.I32, Shape.of(1, ids.length))).set(ids))
                .toDoubles();
        arena.close();
        return Arrays.copyOfRange(logits, logits.length - V, logits.length);
    }

    private static void assertClose(double[] expected, double[] actual) {
        assertArrayEquals(expected, actual, 1e-12);
    }

    private static void assertRefused(String message, Runnable call) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }
}
