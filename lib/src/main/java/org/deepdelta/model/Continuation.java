package org.deepdelta.model;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Past;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * A text, or several of one length side by side, that a model reads token by token and could go on with: keeps what the model remembers
 * ({@link Past}), so that a token costs one position of computing and not the whole text once more. Equal to the logits of the whole text
 * up to rounding. There is no longest text: positions go on beyond the length that the model was trained on, where it has learnt nothing.
 */
public final class Continuation implements AutoCloseable {
    private final Gpt gpt;
    private final Device device;
    private final Arena arena;
    private final Past past;
    private final int rounds;
    private final Map<String, Integer> ran = new TreeMap<>();
    private int texts;

    /** Nothing read so far. */
    public Continuation(Gpt gpt, Device device) {
        this(gpt, device, 1);
    }

    /** For a weight-tied model that applies its blocks {@code rounds} times. */
    public Continuation(Gpt gpt, Device device, int rounds) {
        this.gpt = gpt;
        this.device = device;
        this.rounds = rounds;
        arena = device.arena();
        past = new Past(device);
    }

    /** Tokens read. */
    public long position() {
        return past.position();
    }

    /** Reads the next tokens of a single text; see {@link #read(int[][])}. */
    public double[] read(int... tokens) {
        return read(new int[][] {tokens})[0];
    }

    /**
     * Reads the next tokens of every text.
     *
     * @param tokens {@code [B][n]}, n &gt;= 1 and the same for all; B as at the first call
     * @return logits {@code [B][V]} of the token after the last
     * @throws IllegalArgumentException for no tokens, or texts of different length or number
     * @throws IndexOutOfBoundsException for a token outside the vocabulary
     */
    public double[][] read(int[][] tokens) {
        if (tokens.length == 0 || tokens[0].length == 0) {
            throw new IllegalArgumentException(
                    "text: expected at least one token to go on from, got none: begin with an end-of-text token");
        }
        if (texts != 0 && texts != tokens.length) {
            throw new IllegalArgumentException("texts: expected " + texts + " as before, got " + tokens.length);
        }
        int count = tokens[0].length;
        for (int b = 0; b < tokens.length; b++) {
            if (tokens[b].length != count) {
                throw new IllegalArgumentException("text " + b + ": expected " + count
                        + " tokens, as many as text 0 has, got " + tokens[b].length);
            }
        }
        int batch = tokens.length;
        Tape t = Tape.generating(device, arena, past);
        Tensor ids = t.allocate(Spec.of(DType.I32, Shape.of(batch, count)))
                .set(Arrays.stream(tokens).flatMapToInt(Arrays::stream).toArray());
        double[] flat = gpt.next(t, ids, rounds).toDoubles();
        texts = batch;
        t.ran().forEach((kernel, times) -> ran.merge(kernel, times, Integer::sum));
        past.advance(count);
        arena.reset();
        int vocabulary = flat.length / batch;
        double[][] logits = new double[batch][];
        for (int b = 0; b < batch; b++) {
            logits[b] = Arrays.copyOfRange(flat, b * vocabulary, (b + 1) * vocabulary);
        }
        return logits;
    }

    /** How often which implementation of which operation ran, as {@link Tape#ran}. */
    public Map<String, Integer> ran() {
        return ran;
    }

    /** Gives the memory of the steps back. */
    @Override
    public void close() {
        arena.close();
    }
}
