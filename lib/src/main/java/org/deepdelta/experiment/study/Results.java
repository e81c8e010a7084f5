package org.deepdelta.experiment.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The results of a study: a file of one line of JSON a run, in the order of the study's grid, with every number written so that the same bits
 * are read. It is replaced as a whole, so a process that is killed leaves the file as it was before or after a run.
 */
public final class Results {
    static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    private final Path file;
    private final Map<String, RunResult> byRun = new LinkedHashMap<>();

    private Results(Path file) {
        this.file = file;
    }

    /**
     * Reads a file; no results if there is none.
     *
     * @throws IOException naming file and line, if a line is not a result or two are of one run
     */
    public static Results read(Path file) throws IOException {
        Results results = new Results(file);
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return results;
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": expected text in UTF-8, one result a line", e);
        }
        for (int i = 0; i < lines.size(); i++) {
            RunResult result = parse(file + ", line " + (i + 1), lines.get(i));
            if (results.byRun.put(key(result.run()), result) != null) {
                throw new IOException(file + ", line " + (i + 1) + ": a second result of "
                        + result.run().describe() + ": delete one of the two");
            }
        }
        return results;
    }

    private static RunResult parse(String where, String line) throws IOException {
        try {
            RunResult result = JSON.readValue(line, RunResult.class);
            if (result != null && result.hash().equals(result.run().config().hash())) {
                return result;
            }
        } catch (JsonProcessingException | RuntimeException e) {
            throw new IOException(where + ": not a result: delete the line, and run the study again", e);
        }
        throw new IOException(
                where + ": its configuration is not the one that was run: delete the line, and run the study again");
    }

    private static String key(Run run) {
        RunConfig c = run.config();
        return String.join(
                "|",
                run.stage(),
                run.variant(),
                run.axes().toString(),
                c.rate() + "," + c.factor() + "," + c.decay(),
                Long.toString(c.seed()));
    }

    /** The file. */
    public Path file() {
        return file;
    }

    /** All of them, in the file's order. */
    public Collection<RunResult> all() {
        return List.copyOf(byRun.values());
    }

    /** The result of a run with exactly this configuration, or null. */
    public RunResult of(Run run) {
        RunResult result = byRun.get(key(run));
        return result != null && result.hash().equals(run.config().hash()) ? result : null;
    }

    /**
     * Adds a result, in place of an older one of the same run, and writes the file.
     *
     * @param order the runs in the order in which the file is to hold them; other results stay, behind them
     */
    void add(RunResult result, List<Run> order) throws IOException {
        byRun.put(key(result.run()), result);
        sort(order, true);
        write();
    }

    /** Forgets the results of other runs than these, and writes the file if there were any. */
    void keep(List<Run> order) throws IOException {
        int before = byRun.size();
        sort(order, false);
        if (byRun.size() < before) {
            write();
        }
    }

    private void sort(List<Run> order, boolean others) {
        Map<String, RunResult> sorted = new LinkedHashMap<>();
        for (Run run : order) {
            RunResult there = byRun.get(key(run));
            if (there != null) {
                sorted.put(key(run), there);
            }
        }
        if (others) {
            byRun.forEach(sorted::putIfAbsent);
        }
        byRun.clear();
        byRun.putAll(sorted);
    }

    private void write() throws IOException {
        StringBuilder text = new StringBuilder();
        for (RunResult each : byRun.values()) {
            text.append(JSON.writeValueAsString(each)).append('\n');
        }
        replace(file, text);
    }

    /** Writes a file anew, so that a process that is killed leaves it as it was or as it shall be. */
    static void replace(Path file, CharSequence text) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Path underWay = folder.resolve(file.getFileName() + ".writing");
        Files.writeString(underWay, text);
        Files.move(underWay, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
