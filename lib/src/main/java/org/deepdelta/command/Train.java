package org.deepdelta.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.deepdelta.data.Batches;
import org.deepdelta.data.Corpus;
import org.deepdelta.data.Tokens;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.Optimizer;
import org.deepdelta.train.RunLog;
import org.deepdelta.train.Schedule;
import org.deepdelta.train.TrainConfig;
import org.deepdelta.train.Trainer;

/** {@code exec:java@train}: trains a small language model on text; Ctrl-C ends it with a checkpoint. */
public final class Train {
    private static final int LINES = 20;
    private static final long SILENCE_NANOS = 10_000_000_000L;
    private static final int STOPPED = 130;

    private final String rule;
    private final String device;
    private final String type;
    private final int layers;
    private final int heads;
    private final int width;
    private final TrainConfig config;
    private final int validationBatches;
    private final TextOptions texts;
    private final String order;
    private final Path out;
    private final boolean resume;
    private long reported;

    private Train(Options o) {
        device = o.device("cpu", "cpu", "reference", "cuda", "cuda-host");
        type = o.choice("type", "F32", types(device), "of all numbers; BF16 keeps parameters in F32 too");
        rule = o.text("rule", "ddl_scalar", "residual rule, NAME or NAME:option=value,option=value");
        layers = o.integer("layers", 2, 1, "L, blocks of attention and MLP");
        heads = o.integer("heads", 4, 1, "attention heads");
        width = o.integer("width", 64, 1, "d, a multiple of the heads");
        int length = o.integer("length", 64, 1, "T, tokens a row");
        int batch = o.integer("batch", 8, 1, "B, rows of a micro-batch");
        int accumulation = o.integer("accumulation", 1, 1, "micro-batches a step");
        int parts = onGpu(device) ? 1 : Math.max(1, Math.min(4, batch));
        int shards = o.integer("shards", parts, 1, "parts of a batch; part of the bits");
        int threads = o.integer("threads", 1, 1, "Java threads over the shards");
        int steps = o.integer("steps", 300, 1, "length of the run");
        double rate = o.number("rate", 3e-3, "highest learning rate");
        double last = o.number("last", rate / 10, "learning rate at the end");
        int warmup = o.integer("warmup", steps / 10, 0, "steps of warm-up");
        double decay = o.number("decay", 0.1, "weight decay");
        double clip = o.number("clip", 1, "largest gradient norm");
        int seed = o.integer("seed", 0, Integer.MIN_VALUE, "of the model and the order of the data");
        int validate = o.integer("validate", Math.max(1, steps / 10), 0, "steps between validations");
        validationBatches = o.integer("batches", 20, 0, "validation batches; 0: the whole set");
        int save = o.integer("save", 100, 0, "steps between checkpoints");
        texts = TextOptions.declare(o, "bytes");
        order = o.choice(
                "order", "random", List.of("random", "sequential"), "of the rows; sequential for shuffled documents");
        out = o.path(
                "out",
                "target/train-" + rule.replaceAll("\\W+", "-"),
                "folder for log.csv, validation.csv and checkpoints");
        resume = o.flag("resume", "continue from the folder's newest checkpoint");
        o.ready();
        if (onGpu(device) && threads > 1) {
            throw new Options.Wrong(
                    "-Dthreads=" + threads + " on " + device + ": expected 1, a GPU has threads of its own");
        }
        try {
            Optimizer.Config paper = Optimizer.Config.paper();
            config = new TrainConfig(
                    batch,
                    length,
                    accumulation,
                    shards,
                    threads,
                    new Schedule(rate, last, warmup, steps),
                    new Optimizer.Config(paper.beta1(), paper.beta2(), paper.eps(), decay, clip),
                    seed,
                    validate,
                    save);
        } catch (IllegalArgumentException e) {
            throw new Options.Wrong(e.getMessage());
        }
    }

    /** Runs the command; see {@code -Dhelp}. */
    public static void main(String[] args) {
        Options.main("train", "Trains a Transformer with a residual rule of choice.", o -> new Train(o).run());
    }

    private static boolean onGpu(String device) {
        return device.startsWith("cuda");
    }

    /** The CPU computes in single and double precision, a GPU in single and bf16. */
    private static List<String> types(String device) {
        return onGpu(device) ? List.of("F32", "BF16") : List.of("F32", "F64");
    }

    private Gpt model(Corpus corpus, Device on) {
        try {
            ResidualStream residual = ResidualStream.of(rule);
            GptConfig sizes = GptConfig.of(corpus.tokenizer().vocabulary(), layers, heads, width);
            return new Gpt(sizes, residual, on, DType.valueOf(type), config.seed());
        } catch (IllegalArgumentException e) {
            throw new Options.Wrong(e.getMessage());
        }
    }

    private int run() throws InterruptedException {
        Corpus corpus = texts.open();
        Device on = Device.named(device);
        if (!on.takes(DType.valueOf(type))) {
            throw new Options.Wrong("-Dtype=" + type + ": " + on.describe() + " has no such numbers, expected F32");
        }
        Gpt gpt = model(corpus, on);
        Batches data = order.equals("random")
                ? Batches.random(corpus.train(), config.batch(), config.length(), config.seed())
                : Batches.sequential(corpus.train(), config.batch(), config.length());
        Tokens held = corpus.validation();
        if (validationBatches > 0) {
            long asked = (long) validationBatches * config.batch() * config.length() + 1;
            held = held.slice(0, Math.min(held.size(), asked));
        }
        Terminal.print(
                "%s, %s, %,d parameters, %s, %s",
                corpus.name(), gpt.residual().describe(), gpt.parameters().count(), type, on.describe());
        try (Trainer trainer = Trainer.of(gpt, on, config, data)
                .describing("tokenizer", corpus.tokenizer().name())
                .validating(Batches.whole(held, config.batch(), config.length()))
                .in(out)
                .listening(this::report)) {
            if (resume) {
                trainer.resuming();
            }
            return CtrlC.during(trainer::stop, () -> train(trainer));
        } catch (IllegalStateException e) {
            throw new Options.Wrong(e.getMessage() + "; -Dresume continues it, -Dout=FOLDER names another");
        }
    }

    private int train(Trainer trainer) {
        try {
            summary(trainer.run());
            return 0;
        } catch (Trainer.Stopped e) {
            Terminal.print("%s", e.getMessage());
            Terminal.print("to continue: the same command with -Dresume");
            return STOPPED;
        }
    }

    private void report(RunLog.Row row, int steps, double secondsLeft) {
        boolean validated = !Double.isNaN(row.validation());
        boolean due = System.nanoTime() - reported > SILENCE_NANOS;
        if (validated
                || due
                || row.step() == 1
                || row.step() == steps
                || row.step() % Math.max(1, steps / LINES) == 0) {
            reported = System.nanoTime();
            Terminal.print(
                    "step %5d of %d  loss %.4f%s  norm %.3f  rate %.2e  %.0f ms  %s left",
                    row.step(),
                    steps,
                    row.loss(),
                    validated ? String.format(Locale.ROOT, "  validation %.4f", row.validation()) : "",
                    row.norm(),
                    row.rate(),
                    row.ms(),
                    Terminal.time(secondsLeft));
        }
    }

    private void summary(RunLog log) {
        RunLog.Row end = log.rows().get(log.rows().size() - 1);
        Terminal.print("trained on %,d tokens; log and checkpoints in %s", end.tokens(), out);
        Terminal.print("last loss %s", units(end.loss()));
        if (!Double.isNaN(end.validation())) {
            Terminal.print("validation loss %s", units(end.validation()));
        }
    }

    private String units(double loss) {
        return texts.tokenizer().equals("bytes")
                ? String.format(Locale.ROOT, "%.4f nats a byte, %.4f bits a byte", loss, loss / Math.log(2))
                : String.format(Locale.ROOT, "%.4f nats a token; exec:java@evaluate gives bits a byte", loss);
    }
}
