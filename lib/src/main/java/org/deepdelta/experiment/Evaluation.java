package org.deepdelta.experiment;

import java.util.ArrayList;
import java.util.List;
import org.deepdelta.data.Batch;
import org.deepdelta.data.Batches;
import org.deepdelta.data.Tokenizer;
import org.deepdelta.data.Tokens;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.train.Loss;

/**
 * What a language model makes of one fixed text, complete: every token but the first is predicted once, from those before it in its row
 * of T ({@link Batches#whole}). So the first tokens of a row have little context, and results of different T do not compare.
 *
 * @param tokens predicted
 * @param bytes of text that these tokens stand for
 * @param loss mean cross entropy in nats a token
 * @param batches mean loss of each batch in order, all of equally many tokens but the last: two models' batches pair
 */
public record Evaluation(long tokens, long bytes, double loss, List<Double> batches) {

    /** Keeps a copy of the list. */
    public Evaluation {
        batches = List.copyOf(batches);
    }

    /** exp(loss): as if the choice were among that many tokens. */
    public double perplexity() {
        return StrictMath.exp(loss);
    }

    /** What the text takes, in bits a byte: comparable between tokenizers. */
    public double bitsPerByte() {
        return loss * tokens / (bytes * StrictMath.log(2));
    }

    /**
     * Evaluates a model.
     *
     * @param device where it runs
     * @param loss of the model, such as {@code gpt::loss}
     * @param text at least two tokens
     * @param tokenizer what they stand for
     * @param B rows a batch; changes the results by rounding alone
     * @param T tokens a row
     * @return the figures
     * @throws IllegalArgumentException if the text is too short
     * @throws ArithmeticException if a loss is not a finite number
     */
    public static Evaluation of(Device device, Loss loss, Tokens text, Tokenizer tokenizer, int B, int T) {
        List<Double> batches = new ArrayList<>();
        double sum = 0;
        long tokens = 0;
        Arena arena = device.arena();
        try {
            for (Batch batch : Batches.whole(text, B, T)) {
                double mean = mean(device, arena, loss, batch);
                batches.add(mean);
                sum += mean * batch.scored();
                tokens += batch.scored();
            }
        } finally {
            arena.close();
        }
        return new Evaluation(tokens, bytes(text, tokenizer), sum / tokens, batches);
    }

    /** The mean loss of a batch over what counts in it. */
    static double mean(Device device, Arena arena, Loss loss, Batch batch) {
        arena.reset();
        Tape t = Tape.evaluating(device, arena);
        Spec spec = Spec.of(DType.I32, Shape.of(batch.B(), batch.T()));
        Tensor ids = t.allocate(spec).set(batch.ids());
        Tensor targets = t.allocate(spec).set(batch.targets());
        double mean = loss.apply(t, ids, targets, batch.scored()).item();
        if (!Double.isFinite(mean)) {
            throw new ArithmeticException("the loss is " + mean + ": this model cannot be evaluated");
        }
        return mean;
    }

    private static long bytes(Tokens text, Tokenizer tokenizer) {
        long[] bytes = new long[1];
        TextBytes.forEach(text, tokenizer, (c, token) -> bytes[0] += token == 0 ? 0 : 1);
        return bytes[0];
    }
}
