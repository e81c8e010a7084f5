package org.deepdelta.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Table;

/**
 * What a run has done, step by step; in memory and, given a folder, in {@code log.csv} and {@code validation.csv}, which
 * {@code Table.read().csv(...)} reads. Numbers are written with all their digits.
 */
public final class RunLog implements AutoCloseable {
    private static final String HEADER = "step,tokens,loss,norm,rate,validation,ms";
    private static final String VALIDATION_HEADER = "step,batch,loss";

    /**
     * One step.
     *
     * @param step counted from 1
     * @param tokens seen in the whole run
     * @param loss mean cross entropy in nats (or what the loss is) before the update
     * @param norm of the gradient before clipping
     * @param rate learning rate
     * @param validation mean loss of the validation set after the update; NaN where it was not asked for
     * @param ms milliseconds of the step alone
     */
    public record Row(int step, long tokens, double loss, double norm, double rate, double validation, double ms) {
        private String csv() {
            String valid = Double.isNaN(validation) ? "" : Double.toString(validation);
            return step + "," + tokens + "," + loss + "," + norm + "," + rate + "," + valid + "," + ms;
        }

        private static Row of(String line) {
            String[] cells = line.split(",", -1);
            return new Row(
                    Integer.parseInt(cells[0]),
                    Long.parseLong(cells[1]),
                    Double.parseDouble(cells[2]),
                    Double.parseDouble(cells[3]),
                    Double.parseDouble(cells[4]),
                    cells[5].isEmpty() ? Double.NaN : Double.parseDouble(cells[5]),
                    Double.parseDouble(cells[6]));
        }
    }

    /**
     * A validation.
     *
     * @param step after which
     * @param loss mean over all targets of the set
     * @param batches mean loss of each batch, for paired comparisons
     */
    public record Validation(int step, double loss, List<Double> batches) {}

    private final List<Row> rows = new ArrayList<>();
    private final List<Validation> validations = new ArrayList<>();
    private final CsvFile steps;
    private final CsvFile batches;

    /** A log in memory alone. */
    RunLog() {
        steps = null;
        batches = null;
    }

    /**
     * Continues the log of a folder after a step, forgetting what it says of later ones.
     *
     * @throws IOException naming the file and the line that is not what a log holds
     */
    RunLog(Path folder, int lastStep) throws IOException {
        Files.createDirectories(folder);
        steps = new CsvFile(folder.resolve("log.csv"), HEADER, lastStep);
        CsvFile second = null;
        try {
            second = new CsvFile(folder.resolve("validation.csv"), VALIDATION_HEADER, lastStep);
            Map<Integer, List<Double>> losses = losses(second.kept(), folder.resolve("validation.csv"));
            for (String line : steps.kept()) {
                Row row = parsed(line, HEADER, folder.resolve("log.csv"), Row::of);
                rows.add(row);
                if (!Double.isNaN(row.validation())) {
                    List<Double> each = losses.getOrDefault(row.step(), List.of());
                    validations.add(new Validation(row.step(), row.validation(), each));
                }
            }
        } catch (IOException e) {
            steps.close();
            if (second != null) {
                second.close();
            }
            throw e;
        }
        batches = second;
    }

    private static Map<Integer, List<Double>> losses(List<String> lines, Path file) throws IOException {
        Map<Integer, List<Double>> losses = new HashMap<>();
        for (String line : lines) {
            double loss = parsed(line, VALIDATION_HEADER, file, l -> Double.parseDouble(l.split(",", -1)[2]));
            losses.computeIfAbsent(CsvFile.step(line), step -> new ArrayList<>())
                    .add(loss);
        }
        return losses;
    }

    private static <T> T parsed(String line, String header, Path file, Function<String, T> parser) throws IOException {
        try {
            return parser.apply(line);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IOException(file + ": expected a line of " + header + ", got " + line, e);
        }
    }

    /** All steps so far, also those before a resume. */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    /** All validations so far. */
    public List<Validation> validations() {
        return List.copyOf(validations);
    }

    /** The steps as a table, with the columns of {@code log.csv}. */
    public Table table() {
        return Table.create(
                "log",
                IntColumn.create("step", rows.stream().mapToInt(Row::step).toArray()),
                LongColumn.create("tokens", rows.stream().mapToLong(Row::tokens).toArray()),
                column("loss", Row::loss),
                column("norm", Row::norm),
                column("rate", Row::rate),
                column("validation", Row::validation),
                column("ms", Row::ms));
    }

    private DoubleColumn column(String name, ToDoubleFunction<Row> value) {
        return DoubleColumn.create(name, rows.stream().mapToDouble(value).toArray());
    }

    void add(Row row, Validation validation) throws IOException {
        if (validation != null) {
            validations.add(validation);
            for (int i = 0; batches != null && i < validation.batches().size(); i++) {
                batches.append(row.step() + "," + i + "," + validation.batches().get(i));
            }
        }
        rows.add(row);
        if (steps != null) {
            steps.append(row.csv());
        }
    }

    void force() throws IOException {
        if (steps != null) {
            steps.force();
            batches.force();
        }
    }

    @Override
    public void close() throws IOException {
        if (steps != null) {
            steps.close();
            batches.close();
        }
    }
}
