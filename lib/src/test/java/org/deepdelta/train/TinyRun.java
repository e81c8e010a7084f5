package org.deepdelta.train;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.deepdelta.data.Batch;
import org.deepdelta.data.Batches;
import org.deepdelta.data.Tokens;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Lanes;
import org.deepdelta.tensor.Rng;

/** A model so small that a step takes milliseconds, and a run of it, in this virtual machine or in one of its own. */
final class TinyRun {
    static final int B = 5;
    static final int T = 6;

    final Device device;
    final Gpt gpt;
    final Trainer trainer;

    TinyRun(DType type, TrainConfig config) {
        this(type, config, "ddl_scalar", 8, config.seed());
    }

    TinyRun(DType type, TrainConfig config, String rule, int width, long dataSeed) {
        device = type == DType.F32 ? Device.cpu() : Device.reference();
        gpt = new Gpt(GptConfig.of(32, 1, 2, width), ResidualStream.of(rule), device, type, config.seed());
        trainer = Trainer.of(gpt, device, config, Batches.random(text(), config.batch(), config.length(), dataSeed));
    }

    static TrainConfig config(int steps) {
        return TrainConfig.of(B, T, steps, 1e-2).every(0, 0);
    }

    /** A text whose next token depends on the last. */
    static Tokens text() {
        byte[] text = new byte[2000];
        Rng rng = Rng.of(7, "text");
        for (int i = 1; i < text.length; i++) {
            text[i] = (byte) ((text[i - 1] * 5 + 1 + rng.below(i, 2)) % 32);
        }
        return Tokens.of(text);
    }

    static Iterable<Batch> validation() {
        return Batches.whole(text().slice(0, 100), B, T);
    }

    /** What all parameters are, bit by bit. */
    String bits() {
        return bits(gpt);
    }

    static String bits(Gpt gpt) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (double value : gpt.parameters().storage().toDoubles()) {
                digest.update(ByteBuffer.allocate(8).putDouble(value).flip());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Arguments: type, steps, threads, folder ({@code -} for none; else a checkpoint after every step), rules. Prints each one's bits.
     * Few tokens, for an interpreter; a width that is more than a vector and, with vectors of 8 or 16, not a multiple of one.
     */
    public static void main(String[] args) {
        TrainConfig config = TrainConfig.of(2, 3, Integer.parseInt(args[1]), 1e-2)
                .withThreads(Integer.parseInt(args[2]))
                .every(0, 1);
        for (String rule : Arrays.asList(args).subList(4, args.length)) {
            TinyRun run = new TinyRun(DType.valueOf(args[0]), config, rule, Lanes.WIDTH + 4, 0);
            if (!args[3].equals("-")) {
                run.trainer.in(Path.of(args[3])).resuming();
            }
            run.trainer.run();
            System.out.println(rule + " " + run.bits());
        }
        System.exit(0);
    }
}
