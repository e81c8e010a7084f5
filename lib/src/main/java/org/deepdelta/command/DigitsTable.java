package org.deepdelta.command;

import java.util.Arrays;
import java.util.Locale;
import org.deepdelta.data.Batches;
import org.deepdelta.data.Digits;
import org.deepdelta.experiment.Classification;
import org.deepdelta.model.DeltaNetwork;
import org.deepdelta.model.DeltaNetworkConfig;
import org.deepdelta.model.DeltaNetworkConfig.Rule;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.TrainConfig;
import org.deepdelta.train.Trainer;

/** {@code exec:java@digits}: vector and matrix states, under the delta rule and its two controls, on handwritten digits. */
public final class DigitsTable {
    private static final int BATCH = 64;

    private final int block;
    private final DeltaNetworkConfig vector;
    private final DeltaNetworkConfig matrix;
    private final int seeds;
    private final TrainConfig config;

    private DigitsTable(Options o) {
        block = o.integer("block", 2, 1, "pixels a side that are averaged, a divisor of 28");
        int depth = o.integer("depth", 8, 1, "L, blocks");
        int d = o.integer("d", 32, 1, "rows of the state");
        int dv = o.integer("dv", 4, 2, "columns of the matrix states");
        int width = o.integer("width", 32, 1, "m, inner width of the generators");
        int steps = o.integer("steps", 500, 1, "length of a run");
        double rate = o.number("rate", 3e-3, "highest learning rate, the same for all networks");
        seeds = o.integer("seeds", 3, 1, "runs of each network; a seed gives all networks one order of the data");
        int threads = o.integer("threads", 1, 1, "Java threads over the shards");
        o.ready();
        if (Digits.SIDE % block != 0) {
            throw new Options.Wrong("-Dblock=" + block + ": expected a divisor of " + Digits.SIDE);
        }
        try {
            int pixels = Digits.SIDE / block * (Digits.SIDE / block);
            vector = DeltaNetworkConfig.of(pixels, 256, 10, depth, d, 1, width);
            matrix = DeltaNetworkConfig.of(pixels, 256, 10, depth, d, dv, width);
            config = TrainConfig.of(BATCH, pixels, steps, rate)
                    .withThreads(threads)
                    .every(0, 0);
        } catch (IllegalArgumentException e) {
            throw new Options.Wrong(e.getMessage());
        }
    }

    /** Runs the command; see {@code -Dhelp}. */
    public static void main(String[] args) {
        String purpose = "Trains networks of general DDL blocks on MNIST; prints each one's test error over seeds.";
        Options.main("digits", purpose, o -> new DigitsTable(o).run());
    }

    private int run() {
        Digits digits = Digits.load(block);
        Terminal.print("MNIST, %d features; %d steps of %d pictures", vector.features(), config.steps(), BATCH);
        double blind = 100 * (1 - digits.test().majority());
        Terminal.print("mean over %d seeds (least to largest); the most frequent digit alone: %.2f %%", seeds, blind);
        Terminal.print(
                "%-8s  %-7s  %10s  %-22s  %s", "rule", "state", "parameters", "test error, %", "test loss, nats");
        for (DeltaNetworkConfig state : new DeltaNetworkConfig[] {vector, matrix}) {
            for (Rule rule : Rule.values()) {
                row(state.with(rule), digits);
            }
        }
        return 0;
    }

    private void row(DeltaNetworkConfig network, Digits digits) {
        double[] errors = new double[seeds];
        double[] losses = new double[seeds];
        for (int seed = 0; seed < seeds; seed++) {
            Classification test = trained(network, digits, seed);
            errors[seed] = 100 * test.error();
            losses[seed] = test.loss();
        }
        String rule = network.rule().name().toLowerCase(Locale.ROOT);
        String state = network.d() + " x " + network.dv();
        String error = summary("%.2f (%.2f to %.2f)", errors);
        String loss = summary("%.4f (%.4f to %.4f)", losses);
        Terminal.print("%-8s  %-7s  %,10d  %-22s  %s", rule, state, network.parameters(), error, loss);
    }

    private Classification trained(DeltaNetworkConfig network, Digits digits, int seed) {
        Device cpu = Device.cpu();
        DeltaNetwork model = new DeltaNetwork(network, cpu, DType.F32, seed);
        Batches data = digits.train().random(BATCH, seed);
        try (Trainer trainer = Trainer.of(model, cpu, config.withSeed(seed), data)) {
            trainer.run();
        }
        return Classification.of(model, cpu, digits.test());
    }

    private static String summary(String format, double[] values) {
        Arrays.sort(values);
        double mean = Arrays.stream(values).average().getAsDouble();
        return String.format(Locale.ROOT, format, mean, values[0], values[values.length - 1]);
    }
}
