package org.deepdelta.train;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.deepdelta.tensor.Safetensors;
import org.deepdelta.tensor.Tensor;

/**
 * A run at rest: a safetensors file {@code checkpoint-STEP.safetensors} with the parameters under the authors' names, the optimiser's
 * moments ({@code optimizer.m.NAME}, {@code optimizer.v.NAME}), and in its metadata the step, the data position and the configuration. Random
 * numbers are functions of seed and position, so that these are the random state. The last tensor is the SHA-256 of all bytes before it.
 *
 * <p>A file is written under another name, forced to the disk and then renamed; the one before it is kept. So there is a whole one at any
 * time.
 */
public final class Checkpoint {
    private static final String FORMAT = "deepdelta-checkpoint-2";
    private static final String OLDER = "deepdelta-checkpoint-1";
    private static final String PREFIX = "checkpoint-";
    private static final String SUFFIX = ".safetensors";
    private static final String UNDER_WAY = "checkpoint.tmp";
    private static final String CONFIG = "config.";
    private static final String MOMENT1 = "optimizer.m.";
    private static final String MOMENT2 = "optimizer.v.";
    private static final int KEPT = 2;

    private final Path file;
    private final Safetensors tensors;
    private final int step;
    private final long position;

    private Checkpoint(Path file) throws IOException {
        this.file = file;
        tensors = Safetensors.open(file);
        Map<String, String> metadata = tensors.metadata();
        if (!FORMAT.equals(metadata.get("format"))) {
            String older = OLDER.equals(metadata.get("format")) ? ", which does not say what its model is" : "";
            throw new IOException(file + ": format: expected " + FORMAT + ", got " + metadata.get("format") + older);
        }
        tensors.verifySeal();
        step = Math.toIntExact(number("step", Integer.MAX_VALUE));
        position = number("position", Long.MAX_VALUE);
    }

    private long number(String key, long most) throws IOException {
        String text = tensors.metadata().get(key);
        try {
            long value = Long.parseLong(text);
            if (value >= 0 && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // reported below, as a number out of range is
        }
        throw new IOException(file + ": " + key + ": expected 0 to " + most + ", got " + text);
    }

    /**
     * Opens a checkpoint and reads it once to the end.
     *
     * @throws IOException naming the file and what is wrong, if it is not a checkpoint, not whole or not unchanged
     */
    public static Checkpoint open(Path file) throws IOException {
        return new Checkpoint(file);
    }

    /** The checkpoints of a folder, the newest first; none if there is no such folder. */
    public static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().matches(PREFIX + "\\d{8,10}\\" + SUFFIX))
                    .sorted((a, b) -> Long.compare(number(b), number(a)))
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /**
     * The newest checkpoint of a folder.
     *
     * @return null if there is none
     * @throws IOException if it cannot be used, saying what is wrong and whether the one before it can
     */
    public static Checkpoint newest(Path folder) throws IOException {
        List<Path> files = list(folder);
        if (files.isEmpty()) {
            return null;
        }
        try {
            return open(files.get(0));
        } catch (IOException e) {
            throw new IOException(e.getMessage() + before(files), e);
        }
    }

    private static String before(List<Path> files) {
        if (files.size() < 2) {
            return "; there is no checkpoint before it";
        }
        try {
            Checkpoint previous = open(files.get(1));
            return "; the one before it, " + previous.file + ", is whole: delete the broken one to continue from step "
                    + previous.step;
        } catch (IOException e) {
            return "; the one before it cannot be used either: " + e.getMessage();
        }
    }

    private static long number(Path file) {
        String name = file.getFileName().toString();
        return Long.parseLong(name.substring(PREFIX.length(), name.length() - SUFFIX.length()));
    }

    /** The file. */
    public Path file() {
        return file;
    }

    /** What the file holds. */
    Safetensors tensors() {
        return tensors;
    }

    /** Steps taken. */
    public int step() {
        return step;
    }

    /** The number of the next batch. */
    public long position() {
        return position;
    }

    /** What the run was configured with, by key. */
    public Map<String, String> config() {
        Map<String, String> config = new LinkedHashMap<>();
        tensors.metadata().forEach((key, value) -> {
            if (key.startsWith(CONFIG)) {
                config.put(key.substring(CONFIG.length()), value);
            }
        });
        return config;
    }

    /**
     * Overwrites parameters alone: for generation, or to look at a trained model.
     *
     * @param state by name, such as {@code gpt.state()}
     * @throws IOException naming the tensor that is missing, not expected or of another shape; then nothing was overwritten
     */
    public void restore(Map<String, Tensor> state) throws IOException {
        expectNames(state);
        for (Map.Entry<String, Tensor> entry : state.entrySet()) {
            tensors.expect(entry.getKey(), entry.getValue());
        }
        load(state);
    }

    /**
     * Overwrites parameters and moments.
     *
     * @param run whose state it becomes
     * @throws IOException naming what differs, if the checkpoint is of another model or configuration; then nothing was overwritten
     */
    void restore(State run) throws IOException {
        expectNames(run.parameters());
        expectConfig(run.config());
        for (Map.Entry<String, Tensor> entry : run.tensors().entrySet()) {
            tensors.expect(entry.getKey(), entry.getValue());
        }
        load(run.tensors());
    }

    private void load(Map<String, Tensor> into) throws IOException {
        for (Map.Entry<String, Tensor> entry : into.entrySet()) {
            tensors.load(entry.getKey(), entry.getValue());
        }
    }

    private void expectNames(Map<String, Tensor> state) throws IOException {
        TreeSet<String> surplus = new TreeSet<>(tensors.names());
        surplus.removeIf(name -> name.startsWith(MOMENT1) || name.startsWith(MOMENT2));
        surplus.remove(Safetensors.SEAL);
        surplus.removeAll(state.keySet());
        TreeSet<String> missing = new TreeSet<>(state.keySet());
        missing.removeAll(tensors.names());
        if (!surplus.isEmpty() || !missing.isEmpty()) {
            throw new IOException(file + ": a checkpoint of another model: it has no " + missing
                    + " and the model has no " + surplus);
        }
    }

    private void expectConfig(Map<String, String> expected) throws IOException {
        Map<String, String> mine = config();
        TreeSet<String> keys = new TreeSet<>(mine.keySet());
        keys.addAll(expected.keySet());
        StringBuilder differences = new StringBuilder();
        for (String key : keys) {
            String was = mine.getOrDefault(key, "not set");
            String is = expected.getOrDefault(key, "not set");
            if (!was.equals(is)) {
                differences
                        .append("; ")
                        .append(key)
                        .append(": was ")
                        .append(was)
                        .append(", is ")
                        .append(is);
            }
        }
        if (!differences.isEmpty()) {
            throw new IOException(file + ": a checkpoint of another run" + differences);
        }
    }

    /** Writes the checkpoint of a step and removes all but the one before it. Returns the file. */
    static Path write(Path folder, State run, int step, long position) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("step", Integer.toString(step));
        metadata.put("position", Long.toString(position));
        run.config().forEach((key, value) -> metadata.put(CONFIG + key, value));
        Files.createDirectories(folder);
        Path underWay = folder.resolve(UNDER_WAY);
        Safetensors.writeSealed(underWay, run.tensors(), metadata);
        Path file = folder.resolve(String.format(Locale.ROOT, "%s%08d%s", PREFIX, step, SUFFIX));
        Files.move(underWay, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceNames(folder);
        for (Path old : list(folder).stream().skip(KEPT).toList()) {
            Files.deleteIfExists(old);
        }
        return file;
    }

    /** Has the rename survive a loss of power, where the system lets a folder be opened. */
    private static void forceNames(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
                names.force(true);
            }
        }
    }

    /**
     * What a run consists of.
     *
     * @param parameters by name
     * @param m first moments by name
     * @param v second moments by name
     * @param config what decides its bits
     */
    record State(
            Map<String, Tensor> parameters, Map<String, Tensor> m, Map<String, Tensor> v, Map<String, String> config) {

        /** All tensors under the names they have in the file. */
        Map<String, Tensor> tensors() {
            Map<String, Tensor> all = new LinkedHashMap<>(parameters);
            m.forEach((name, tensor) -> all.put(MOMENT1 + name, tensor));
            v.forEach((name, tensor) -> all.put(MOMENT2 + name, tensor));
            return all;
        }
    }
}
