package org.deepdelta.train;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deepdelta.data.Corpus;
import org.deepdelta.data.DataException;
import org.deepdelta.data.Documents;
import org.deepdelta.data.HellaSwag;
import org.deepdelta.data.ShardWriter;
import org.deepdelta.data.TokenFiles;
import org.deepdelta.data.Tokenizer;
import org.deepdelta.data.Tokens;
import org.deepdelta.experiment.study.Fingerprint;
import org.deepdelta.experiment.study.Provenance;
import org.deepdelta.experiment.study.Results;
import org.deepdelta.experiment.study.Run;
import org.deepdelta.experiment.study.RunConfig;
import org.deepdelta.experiment.study.RunResult;
import org.deepdelta.experiment.study.StepTime;
import org.deepdelta.experiment.study.Study;
import org.deepdelta.model.AuthorsConfig;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Safetensors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every reader of files, shown files that were changed at random: it reads them or refuses them with an error that names the file, and takes
 * no more memory than the file's size allows.
 */
final class ReaderFuzzTest {
    private static final int SHORT = 200;
    private static final int LONG = 10_000;
    private static final long SEED = 20;
    private static final long PER_BYTE = 64;
    private static final long FREE = 1 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path folder;

    @FunctionalInterface
    private interface Maker {
        void make(Path file) throws IOException;
    }

    @FunctionalInterface
    private interface Reading {
        void read(Path file) throws IOException;
    }

    /** How a changed header becomes part of a file again that holds together otherwise, so that what is behind the first check is met. */
    private enum Mended {
        NOT,
        LENGTH,
        LENGTH_AND_SEAL
    }

    enum Reader {
        SAFETENSORS("some.safetensors", Mended.LENGTH, ReaderFuzzTest::makeTensors, ReaderFuzzTest::readTensors),
        CHECKPOINT(
                "checkpoint-00000002.safetensors",
                Mended.LENGTH_AND_SEAL,
                ReaderFuzzTest::makeCheckpoint,
                ReaderFuzzTest::readCheckpoint),
        RUN_LOG("log.csv", Mended.NOT, ReaderFuzzTest::makeLog, file -> new RunLog(file.getParent(), 40).close()),
        VALIDATION_LOG("validation.csv", Mended.NOT, ReaderFuzzTest::makeLog, file -> new RunLog(file.getParent(), 40)
                .close()),
        TOKEN_SHARDS(
                "x_train_000001.bin",
                Mended.NOT,
                ReaderFuzzTest::makeShard,
                file -> readAll(TokenFiles.shards(file.getParent(), "train", 50_304))),
        RAW_TOKENS(
                "train.bin",
                Mended.NOT,
                file -> Files.write(file, new byte[3000]),
                file -> readAll(TokenFiles.shards(file.getParent(), "train", 50_304))),
        HELLASWAG("hellaswag_val.bin", Mended.NOT, ReaderFuzzTest::makeQuestions, file -> HellaSwag.read(file, 50_304)),
        TEXT("text.txt", Mended.NOT, ReaderFuzzTest::makeText, ReaderFuzzTest::readText),
        RESULTS("study.jsonl", Mended.NOT, ReaderFuzzTest::makeResults, Results::read),
        STEP_TIMES("study-steps.jsonl", Mended.NOT, ReaderFuzzTest::makeTimes, ReaderFuzzTest::readTimes),
        STUDY("study.conf", Mended.NOT, ReaderFuzzTest::makeStudy, file -> Study.read(file, "laptop")),
        AUTHORS_CONFIG("config.json", Mended.NOT, ReaderFuzzTest::makeConfig, ReaderFuzzTest::readConfig);

        private final String file;
        private final Mended mended;
        private final Maker maker;
        private final Reading reading;

        Reader(String file, Mended mended, Maker maker, Reading reading) {
            this.file = file;
            this.mended = mended;
            this.maker = maker;
            this.reading = reading;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aChangedFileIsReadOrRefused(Reader reader) throws IOException {
        fuzz(reader, SHORT);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("full")
    void manyChangedFilesAreReadOrRefused(Reader reader) throws IOException {
        fuzz(reader, LONG);
    }

    private void fuzz(Reader reader, int times) throws IOException {
        Path file = folder.resolve(reader.file);
        reader.maker.make(file);
        byte[] whole = Files.readAllBytes(file);
        reader.reading.read(file);
        Rng rng = Rng.of(SEED, reader.name());
        int refused = 0;
        for (int i = 0; i < times; i++) {
            byte[] changed = i % 2 == 0 || reader.mended == Mended.NOT
                    ? Mutation.of(whole, rng.at(i))
                    : mended(whole, reader.mended, rng.at(i));
            Files.write(file, changed);
            refused += read(reader, file, i, changed.length) ? 0 : 1;
        }
        assertTrue(refused > 0, "no change was noticed");
    }

    /** Returns whether it was read; fails on anything but a clean refusal. */
    private static boolean read(Reader reader, Path file, int i, long size) {
        Outcome outcome = Outcome.of(reader, file);
        if (outcome.allocated > PER_BYTE * size + FREE) {
            outcome = Outcome.of(reader, file); // the first reading of its kind loads classes
        }
        if (outcome.thrown != null && !isClean(reader, outcome.thrown, file)) {
            fail(reader + ": change " + i + " of " + size + " bytes: " + outcome.thrown, outcome.thrown);
        }
        assertTrue(
                outcome.allocated <= PER_BYTE * size + FREE,
                reader + ": change " + i + ": " + outcome.allocated + " bytes allocated for a file of " + size);
        return outcome.thrown == null;
    }

    private record Outcome(Throwable thrown, long allocated) {
        static Outcome of(Reader reader, Path file) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            Throwable thrown = null;
            try {
                reader.reading.read(file);
            } catch (Throwable e) {
                thrown = e;
            }
            return new Outcome(thrown, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
    }

    private static boolean isClean(Reader reader, Throwable thrown, Path file) {
        boolean kind = thrown instanceof IOException
                || thrown instanceof UncheckedIOException
                || thrown instanceof DataException
                || thrown instanceof IllegalArgumentException
                || thrown instanceof AuthorsConfig.NotSupported;
        // a configuration is read as JSON that is no file any more
        boolean named = reader == Reader.AUTHORS_CONFIG || thrown.getMessage().contains(file.toString());
        return kind && named;
    }

    /** The file with its JSON header changed, its length right again and, for a checkpoint, its seal. */
    private static byte[] mended(byte[] whole, Mended how, Rng rng) {
        int length = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] header = Mutation.of(Arrays.copyOfRange(whole, 8, 8 + length), rng);
        byte[] changed = new byte[whole.length - length + header.length];
        ByteBuffer file = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length).put(header).put(whole, 8 + length, whole.length - 8 - length);
        if (how == Mended.LENGTH_AND_SEAL) {
            int end = changed.length - 32;
            MessageDigest digest = sha256();
            digest.update(changed, 0, end);
            System.arraycopy(digest.digest(), 0, changed, end, 32);
        }
        return changed;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void makeTensors(Path file) throws IOException {
        Files.copy(Path.of("src/test/resources/parity/ops/rmsnorm_n16_eps1e-05_scale0.001.safetensors"), file);
    }

    private static void readTensors(Path file) throws IOException {
        Safetensors tensors = Safetensors.open(file);
        for (String name : tensors.names()) {
            tensors.doubles(name);
        }
    }

    private static void makeCheckpoint(Path file) throws IOException {
        TinyRun run = new TinyRun(DType.F32, TinyRun.config(2));
        try (Trainer trainer = run.trainer) {
            trainer.in(file.getParent()).run();
        }
    }

    private static void readCheckpoint(Path file) throws IOException {
        SavedGpt.read(Checkpoint.newest(file.getParent()), Device.cpu());
    }

    private static void makeLog(Path file) throws IOException {
        TinyRun run = new TinyRun(DType.F32, TinyRun.config(40).every(8, 0));
        try (Trainer trainer = run.trainer) {
            trainer.validating(TinyRun.validation()).in(file.getParent()).run();
        }
    }

    private static void makeShard(Path file) {
        try (ShardWriter writer = new ShardWriter(file.getParent(), "x", "train", 1, 5000, 50_304)) {
            for (int i = 0; i < 1000; i++) {
                writer.write(i * 17 % 50_257);
            }
            writer.finish();
        }
    }

    private static void readAll(Tokens tokens) {
        int[] run = new int[256];
        for (long at = 0; at < tokens.size(); at += run.length) {
            tokens.copy(at, run, 0, (int) Math.min(run.length, tokens.size() - at));
        }
    }

    private static void makeQuestions(Path file) {
        HellaSwag.Example one = new HellaSwag.Example(
                new int[] {1, 2, 3}, List.of(new int[] {4}, new int[] {5, 6}, new int[] {7}, new int[] {8}), 2);
        HellaSwag.Example two =
                new HellaSwag.Example(new int[] {50_256}, List.of(new int[9], new int[1], new int[30], new int[2]), 0);
        HellaSwag.write(file, List.of(one, two, one));
    }

    private static void makeText(Path file) throws IOException {
        Files.writeString(file, "zwölf Boxkämpfer, \uD83D\uDE42\n".repeat(40));
    }

    private static void readText(Path file) {
        Documents documents = Documents.ofFile(file);
        Tokenizer.named("bytes").encode(documents.train().iterator().next());
        readAll(Corpus.ofFile(file).train());
    }

    private static void makeResults(Path file) throws IOException {
        RunConfig config = new RunConfig("flip", "additive", 1, 2, 8, 0.5, 4, 2, 12, 0.01, 0.1, 1, 1);
        StringBuilder lines = new StringBuilder();
        for (int seed = 1; seed <= 3; seed++) {
            RunConfig one = config.withSeed(seed);
            RunResult result = new RunResult(
                    new Run(Run.STUDY, "plus", Map.of("width", "8"), one),
                    one.hash(),
                    "data",
                    new Fingerprint("1", "2", "3", "4"),
                    Map.of("loss", 0.25),
                    List.of(2.5f, 0.5f),
                    288,
                    1e4,
                    1000,
                    null,
                    new Provenance("unknown", "cpu", "Zen", 8, 1, "17", "2026-11-25T00:00:00Z", 1.5));
            lines.append(new ObjectMapper().writeValueAsString(result)).append('\n');
        }
        Files.writeString(file, lines);
    }

    private static void makeTimes(Path file) throws IOException {
        makeStudy(file.resolveSibling("study.conf"));
        StepTime.write(StepTime.measure(timed(file), 1, 1, round -> {}), file);
    }

    private static void readTimes(Path file) throws IOException {
        try {
            StepTime.read(timed(file), file);
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException(e.getMessage(), e); // well-formed, and of another study
        }
    }

    private static Study timed(Path file) throws IOException {
        return Study.read(file.resolveSibling("study.conf"), "laptop");
    }

    private static void makeStudy(Path file) throws IOException {
        Files.writeString(
                file,
                """
                question = "Does it turn?"
                base {
                  task = "flip:symbols=4", layers = 1, heads = 2, width = 8, factor = 0.5
                  rows = 4, shards = 2, steps = 12, rate = 0.01, decay = 0.1, clip = 1
                }
                variants {
                  plus { rule = additive }
                  DDL { rule = ddl_scalar }
                }
                seeds = [1, 2]
                """);
    }

    private static void makeConfig(Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        Path model = Path.of("src/test/resources/parity/models/ddl_scalar/config.json");
        Files.write(file, json.writeValueAsBytes(json.readTree(model.toFile()).get("config")));
    }

    private static void readConfig(Path file) throws IOException {
        JsonNode config = new ObjectMapper().readTree(file.toFile());
        IllegalArgumentException refused = null;
        int read = 0;
        for (String variant : AuthorsConfig.VARIANTS) {
            try {
                AuthorsConfig.read(variant, config);
                read++;
            } catch (IllegalArgumentException e) {
                refused = e; // the file is of one variant, the others lack its keys
            }
        }
        if (read == 0) {
            throw refused;
        }
    }
}
