package org.deepdelta.experiment.study;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deepdelta.data.Batches;
import org.deepdelta.data.Corpus;
import org.deepdelta.data.JavaSources;
import org.deepdelta.data.Tokens;
import org.deepdelta.experiment.CountModel;
import org.deepdelta.experiment.Evaluation;
import org.deepdelta.model.Gpt;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.tensor.Device;

/**
 * Language modelling, {@code text:length=128,validation=65537}: bytes of the Java corpus ({@link JavaSources}), rows from anywhere in it. A
 * sequence task: nothing in it asks for an operation across depth.
 *
 * <p>Scores: {@code bits_per_byte} on the first {@code validation} bytes of files that are not trained on, and {@code count4.bits_per_byte},
 * what {@link CountModel} makes of the same bytes when it has counted as many bytes of the training text as the run has read, at most the
 * whole. A run whose score does not beat it supports no conclusion about language.
 */
final class TextTask implements Task {
    private static final int ROWS = 8;

    private final int length;
    private final int validation;
    private Corpus corpus;
    private final Map<Long, Double> counted = new LinkedHashMap<>();

    /** Makes them by name. */
    public static final class Provider implements Task.Provider {
        /** For {@link java.util.ServiceLoader}. */
        public Provider() {}

        @Override
        public List<String> names() {
            return List.of("text");
        }

        @Override
        public Task create(NamedOptions o) {
            TextTask task = new TextTask(o.integer("length", 128, 1), o.integer("validation", 65_537, 2));
            o.done();
            return task;
        }
    }

    private TextTask(int length, int validation) {
        this.length = length;
        this.validation = validation;
    }

    /** Read when it is first asked for: a grid is checked without it. */
    private synchronized Corpus corpus() {
        if (corpus == null) {
            corpus = JavaSources.load();
        }
        return corpus;
    }

    @Override
    public String describe() {
        return "text:length=" + length + ",validation=" + validation;
    }

    @Override
    public int vocabulary() {
        return 256;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public Batches training(int rows, long seed) {
        return Batches.random(corpus().train(), rows, length, seed);
    }

    @Override
    public Map<String, Double> scores(Gpt gpt, Device device, long read) {
        Corpus text = corpus();
        Tokens held = held();
        Map<String, Double> scores = new LinkedHashMap<>();
        scores.put(
                "bits_per_byte",
                Evaluation.of(device, gpt::loss, held, text.tokenizer(), ROWS, length)
                        .bitsPerByte());
        scores.put("count4.bits_per_byte", counted(Math.min(read, text.train().size())));
        return scores;
    }

    private Tokens held() {
        Tokens all = corpus().validation();
        return all.slice(0, Math.min(validation, all.size()));
    }

    private synchronized double counted(long bytes) {
        return counted.computeIfAbsent(bytes, n -> new CountModel()
                .count(corpus().train().slice(0, n), corpus().tokenizer())
                .score(held(), corpus().tokenizer())
                .bitsPerByte());
    }

    @Override
    public String digest() {
        return Hash.of(corpus().fingerprint());
    }
}
