package org.deepdelta.command;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.deepdelta.data.Tokenizer;
import org.deepdelta.experiment.WrittenText;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.Sampling;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.Checkpoint;
import org.deepdelta.train.SavedGpt;

/** {@code exec:java@generate}: has a checkpoint's model write text, which is printed as it comes. */
public final class Generate {
    private final Path from;
    private final String prompt;
    private final Path promptFile;
    private final int count;
    private final Sampling sampling;
    private final String tokenizer;
    private final String device;

    private Generate(Options o) {
        from = o.path("checkpoint", "target/train-ddl_scalar", "file, or folder whose newest checkpoint is taken");
        prompt = o.text("prompt", null, "text to go on from; without one it begins with an end-of-text token");
        promptFile = o.path("promptFile", null, "file with the text to go on from, in UTF-8");
        count = o.integer("count", 200, 0, "tokens to write at most; it ends before at an end-of-text token");
        double temperature = o.number("temperature", 0.8, "of the draws; 0 takes the likeliest token each time");
        int topK = o.integer("topK", 0, 0, "likeliest tokens that are kept; 0: all");
        double topP = o.number("topP", 1, "probability that is kept, of the likeliest tokens");
        int seed = o.integer("seed", 0, Integer.MIN_VALUE, "of the draws");
        tokenizer = o.choice("tokenizer", null, List.of("bytes", "gpt2"), "if not the one that the checkpoint names");
        device = o.device("cpu", "cpu", "reference", "cuda", "cuda-host");
        o.ready();
        if (prompt != null && promptFile != null) {
            throw new Options.Wrong("-Dprompt and -DpromptFile: expected one of them");
        }
        try {
            sampling = new Sampling(temperature, topK, topP, seed);
        } catch (IllegalArgumentException e) {
            throw new Options.Wrong(e.getMessage());
        }
    }

    /** Runs the command; see {@code -Dhelp}. */
    public static void main(String[] args) {
        Options.main("generate", "Has a checkpoint's language model write text.", o -> new Generate(o).run());
    }

    private int run() throws IOException {
        Checkpoint checkpoint = Files.isDirectory(from) ? Checkpoint.newest(from) : open();
        if (checkpoint == null) {
            throw new Options.Wrong("-Dcheckpoint=" + from + ": expected a checkpoint, made by exec:java@train");
        }
        Device on = Device.named(device);
        Gpt gpt = SavedGpt.read(checkpoint, on);
        Tokenizer of =
                Tokenizer.named(tokenizer == null ? checkpoint.config().getOrDefault("tokenizer", "bytes") : tokenizer);
        String before = promptFile == null ? prompt : Files.readString(promptFile);
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        out.printf(
                Locale.ROOT,
                "%s, %s, %,d parameters%n",
                checkpoint.file(),
                gpt.residual().describe(),
                gpt.parameters().count());
        if (before == null || before.isEmpty()) {
            before = "";
            out.println("no prompt: it begins with the end-of-text token, " + of.endOfText());
        }
        out.print(before);
        WrittenText written = WrittenText.by(gpt, on, of, before, count, sampling, piece -> {
            out.print(piece);
            out.flush();
        });
        out.printf(
                Locale.ROOT,
                "%n%d tokens%s in %.2f s, %.0f a second; prompt of %d in %.2f s%n",
                written.tokens(),
                written.ended() ? " to an end of text" : "",
                written.seconds(),
                written.tokensPerSecond(),
                written.prompt(),
                written.promptSeconds());
        out.flush();
        return 0;
    }

    private Checkpoint open() throws IOException {
        return Files.exists(from) ? Checkpoint.open(from) : null;
    }
}
