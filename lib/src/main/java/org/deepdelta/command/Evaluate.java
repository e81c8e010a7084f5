package org.deepdelta.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.deepdelta.data.Corpus;
import org.deepdelta.data.HellaSwag;
import org.deepdelta.data.Tokens;
import org.deepdelta.experiment.CountModel;
import org.deepdelta.experiment.Evaluation;
import org.deepdelta.experiment.MultipleChoice;
import org.deepdelta.model.Gpt;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.Checkpoint;
import org.deepdelta.train.SavedGpt;

/** {@code exec:java@evaluate}: what a checkpoint's model is worth on a whole validation set, beside a model that counts. */
public final class Evaluate {
    private final Path from;
    private final TextOptions texts;
    private final int rows;
    private final int length;
    private final int validationBatches;
    private final int counted;
    private final Path hellaswag;
    private final Path csv;
    private final String device;

    private Evaluate(Options o) {
        from = o.path("checkpoint", "target/train-ddl_scalar", "file, or folder whose newest checkpoint is taken");
        texts = TextOptions.declare(o, null);
        length = o.integer("length", 0, 0, "T, tokens a row; 0: as in training");
        rows = o.integer("batch", 8, 1, "B, rows a batch");
        validationBatches = o.integer("batches", 0, 0, "validation batches; 0: the whole set");
        counted = o.integer(
                "counted", 100_000_000, 0, "training tokens that the model of counts sees at most; 0: no such");
        hellaswag = o.path("hellaswag", null, "file of HellaSwag questions to answer, in llm.c's format");
        csv = o.path("csv", null, "file for the loss of each batch");
        device = o.device("cpu", "cpu", "reference", "cuda", "cuda-host");
        o.ready();
    }

    /** Runs the command; see {@code -Dhelp}. */
    public static void main(String[] args) {
        Options.main("evaluate", "Evaluates a checkpoint's language model.", o -> new Evaluate(o).run());
    }

    private int run() throws IOException {
        Checkpoint checkpoint = Files.isDirectory(from) ? Checkpoint.newest(from) : Checkpoint.open(from);
        if (checkpoint == null) {
            throw new Options.Wrong(
                    "-Dcheckpoint=" + from + ": expected a folder with a checkpoint, made by exec:java@train");
        }
        Device on = Device.named(device);
        Gpt gpt = SavedGpt.read(checkpoint, on);
        Terminal.print(
                "%s, %s, %,d parameters",
                checkpoint.file(), gpt.residual().describe(), gpt.parameters().count());
        Corpus corpus =
                texts.or(checkpoint.config().getOrDefault("tokenizer", "bytes")).open();
        if (corpus.tokenizer().vocabulary() != gpt.config().vocabulary()) {
            throw new Options.Wrong("-Dtokenizer=" + corpus.tokenizer().name() + ": expected one of "
                    + gpt.config().vocabulary() + " tokens, as the model has");
        }
        int T = length > 0 ? length : trained(checkpoint);
        Tokens held = corpus.validation();
        if (validationBatches > 0) {
            held = held.slice(0, Math.min(held.size(), (long) validationBatches * rows * T + 1));
        }
        Evaluation found = Evaluation.of(on, gpt::loss, held, corpus.tokenizer(), rows, T);
        Terminal.print("%s, %,d tokens, %,d bytes, T %d", corpus.name(), found.tokens(), found.bytes(), T);
        Terminal.print(
                "model          loss %.4f nats a token, perplexity %.3f, %.4f bits a byte",
                found.loss(), found.perplexity(), found.bitsPerByte());
        if (counted > 0) {
            Terminal.print("order-%d counts %s", CountModel.ORDER, counts(corpus, held));
        }
        if (csv != null) {
            write(found);
        }
        if (hellaswag != null) {
            answer(gpt, on);
        }
        return 0;
    }

    private static int trained(Checkpoint checkpoint) {
        try {
            return Integer.parseInt(checkpoint.config().getOrDefault("length", ""));
        } catch (NumberFormatException e) {
            throw new Options.Wrong("-Dlength=0: expected a length, the checkpoint does not say its own");
        }
    }

    private String counts(Corpus corpus, Tokens held) {
        Tokens train = corpus.train();
        Tokens seen = train.slice(0, Math.min(train.size(), counted));
        CountModel model = new CountModel().count(seen, corpus.tokenizer());
        double bits = model.score(held, corpus.tokenizer()).bitsPerByte();
        return String.format(
                Locale.ROOT,
                "%.4f bits a byte (of %,d training tokens%s)",
                bits,
                seen.size(),
                model.isFull() ? "; not all counted for want of memory" : "");
    }

    private void write(Evaluation found) throws IOException {
        StringBuilder lines = new StringBuilder("batch,loss\n");
        for (int i = 0; i < found.batches().size(); i++) {
            lines.append(i).append(',').append(found.batches().get(i)).append('\n');
        }
        Files.writeString(csv, lines);
    }

    private void answer(Gpt gpt, Device on) {
        List<HellaSwag.Example> questions =
                HellaSwag.read(hellaswag, gpt.config().vocabulary());
        MultipleChoice score = MultipleChoice.of(on, gpt::loss, questions);
        Terminal.print(
                "HellaSwag      %d of %,d right, %.4f +- %.4f (llm.c's rule: not comparable with lm-evaluation-harness)",
                score.right(), questions.size(), score.accuracy(), score.margin());
    }
}
