package org.deepdelta.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.deepdelta.data.HellaSwag;
import org.deepdelta.data.Tokenizer;
import org.deepdelta.data.Tokens;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.Additive;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.train.Loss;
import org.junit.jupiter.api.Test;

final class EvaluationTest {
    private static final Tokenizer BYTES = Tokenizer.named("bytes");
    private static final Tokens TEXT =
            Tokens.of("The text is read to its end, and nothing twice: zwölf.".getBytes(StandardCharsets.UTF_8));

    private final Device device = Device.reference();
    private final Gpt gpt = new Gpt(GptConfig.of(256, 1, 2, 8), new Additive(), device, DType.F64, 3);

    /** Tokens of any size in memory. */
    record Ints(int... tokens) implements Tokens {
        @Override
        public long size() {
            return tokens.length;
        }

        @Override
        public void copy(long from, int[] to, int offset, int length) {
            System.arraycopy(tokens, (int) from, to, offset, length);
        }
    }

    /** log p of each token but the first, from the logits of its row. */
    private double[] nats(Tokens text, int T) {
        double[] nats = new double[(int) text.size() - 1];
        Arena arena = device.arena();
        for (int from = 0; from < nats.length; from += T) {
            int length = Math.min(T, nats.length - from);
            int[] ids = new int[length];
            text.copy(from, ids, 0, length);
            Tape t = Tape.evaluating(device, arena);
            Tensor logits = gpt.logits(
                    t, t.allocate(Spec.of(DType.I32, Shape.of(1, length))).set(ids));
            double[] p = t.softmax(logits).toDoubles();
            for (int i = 0; i < length; i++) {
                nats[from + i] = -Math.log(p[256 * i + text.at(from + i + 1)]);
            }
        }
        arena.close();
        return nats;
    }

    @Test
    void everyTokenButTheFirstCountsOnce() {
        double[] nats = nats(TEXT, 7);
        double sum = 0;
        for (double each : nats) {
            sum += each;
        }
        Evaluation found = Evaluation.of(device, gpt::loss, TEXT, BYTES, 2, 7);
        assertEquals(TEXT.size() - 1, found.tokens());
        assertEquals(TEXT.size() - 1, found.bytes());
        assertEquals(sum / nats.length, found.loss(), 1e-12);
        assertEquals(Math.exp(sum / nats.length), found.perplexity(), 1e-9);
        assertEquals(sum / nats.length / Math.log(2), found.bitsPerByte(), 1e-12);
        assertEquals(4, found.batches().size());
        double first = 0;
        for (int i = 0; i < 14; i++) {
            first += nats[i] / 14;
        }
        assertEquals(first, found.batches().get(0), 1e-12);
    }

    @Test
    void theLossDoesNotDependOnTheRowsOfABatch() {
        Evaluation one = Evaluation.of(device, gpt::loss, TEXT, BYTES, 1, 5);
        Evaluation many = Evaluation.of(device, gpt::loss, TEXT, BYTES, 64, 5);
        assertEquals(one.loss(), many.loss(), 1e-12);
        assertEquals(1, many.batches().size());
    }

    @Test
    void bytesAreThoseThatTheTokensStandFor() {
        Tokenizer gpt2 = Tokenizer.named("gpt2");
        String text = "größe of the documents";
        int[] encoded = gpt2.encode(text);
        int[] tokens = new int[encoded.length + 1];
        tokens[0] = gpt2.endOfText();
        System.arraycopy(encoded, 0, tokens, 1, encoded.length);
        Loss flat = (t, ids, targets, count) -> t.constant(DType.F64, Shape.of(), Math.log(2));
        Evaluation found = Evaluation.of(device, flat, new Ints(tokens), gpt2, 2, 3);
        assertEquals(encoded.length, found.tokens());
        assertEquals(text.getBytes(StandardCharsets.UTF_8).length, found.bytes());
        assertEquals((double) found.tokens() / found.bytes(), found.bitsPerByte(), 1e-12, "a bit a token");
    }

    @Test
    void aLossThatIsNoNumberIsRefused() {
        Loss broken = (t, ids, targets, count) -> t.constant(DType.F64, Shape.of(), Double.NaN);
        ArithmeticException e =
                assertThrows(ArithmeticException.class, () -> Evaluation.of(device, broken, TEXT, BYTES, 2, 7));
        assertTrue(e.getMessage().contains("the loss is NaN"), e.getMessage());
    }

    @Test
    void theAnswerIsTheEndingWithTheSmallestMeanLoss() {
        int[] context = {84, 104, 101};
        List<int[]> endings = List.of(
                new int[] {32, 120}, new int[] {32, 116, 101, 120, 116}, new int[] {46}, new int[] {7, 7, 7, 7});
        double[] means = new double[4];
        int best = 0;
        for (int i = 0; i < 4; i++) {
            int[] ending = endings.get(i);
            int[] row = Arrays.copyOf(context, 3 + ending.length);
            System.arraycopy(ending, 0, row, 3, ending.length);
            double[] nats = nats(new Ints(row), row.length);
            for (int j = 0; j < ending.length; j++) {
                means[i] += nats[2 + j] / ending.length;
            }
            best = means[i] < means[best] ? i : best;
        }
        int wrong = (best + 1) % 4;
        MultipleChoice found = MultipleChoice.of(
                device,
                gpt::loss,
                List.of(
                        new HellaSwag.Example(context, endings, best),
                        new HellaSwag.Example(context, endings, wrong),
                        new HellaSwag.Example(context, endings, best)));
        assertEquals(2, found.right());
        assertEquals(2.0 / 3, found.accuracy(), 1e-15);
        for (int i = 0; i < 4; i++) {
            assertEquals(means[i], found.losses().get(1).get(i), 1e-12);
        }
        assertThrows(IllegalArgumentException.class, () -> MultipleChoice.of(device, gpt::loss, List.of()));
    }

    @Test
    void theMarginIsThatOfAProportion() {
        List<List<Double>> losses = Collections.nCopies(10_042, List.of(0.0, 0.0, 0.0, 0.0));
        assertEquals(0.0089, new MultipleChoice(2967, losses).margin(), 1e-4);
    }
}
