package org.deepdelta.experiment.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.deepdelta.data.Batch;
import org.deepdelta.data.Batches;
import org.deepdelta.data.FlipTask;
import org.deepdelta.data.WalkTask;
import org.deepdelta.experiment.Accuracy;
import org.deepdelta.model.Gpt;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.ops.crossentropy.CrossEntropy;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Rng;
import org.deepdelta.train.Loss;

/**
 * Tasks across depth, for a block with tied weights that is applied R times: {@code flip:} ({@link FlipTask}) and {@code walk:}
 * ({@link WalkTask}). Training draws R from 1 to {@code rounds} for each batch; the test asks up to four times as many.
 *
 * <p>Scores: {@code accuracy.unseen.R=r} for r = 1 to 4 {@code rounds}, the share of about 1,500 right answers on rows that training does
 * not hold; for flips also {@code accuracy.seen.R=r}, on pairs of training; {@code accuracy.trained}, the mean over r = 1 to {@code rounds}
 * (unseen), and {@code accuracy.beyond}, the mean over the others, both without those r after which everything is back in its place (multiples of the
 * cycle's length), where "unchanged" would be right; {@code solved}, the largest r such that accuracy
 * is at least 0.95 at all R up to it, 0 if there is none.
 */
final class RoundsTask implements Task {
    private static final int BEYOND = 4;
    private static final int QUESTIONS = 1536;
    private static final double SOLVED = 0.95;
    private static final long TEST = 1_000_000_000L;
    private static final long RUN = 10_000_000L;

    private final String name;
    private final int vocabulary;
    private final int length;
    private final int queries;
    private final int rounds;
    private final int period;
    private final Sample seen;
    private final Sample unseen;
    private final BiFunction<Gpt, Device, Map<String, Double>> audit;

    /** Batches of so many rows whose answers are for so many rounds. */
    @FunctionalInterface
    private interface Sample {
        Batches of(int rows, int rounds);
    }

    private RoundsTask(
            String name,
            int vocabulary,
            int length,
            int queries,
            int rounds,
            int period,
            Sample seen,
            Sample unseen,
            BiFunction<Gpt, Device, Map<String, Double>> audit) {
        this.name = name;
        this.vocabulary = vocabulary;
        this.length = length;
        this.queries = queries;
        this.rounds = rounds;
        this.period = period;
        this.seen = seen;
        this.unseen = unseen;
        this.audit = audit;
    }

    /** Makes them by name. */
    public static final class Provider implements Task.Provider {
        /** For {@link java.util.ServiceLoader}. */
        public Provider() {}

        @Override
        public List<String> names() {
            return List.of("flip", "walk");
        }

        @Override
        public Task create(NamedOptions o) {
            int symbols = o.integer("symbols", 16, 3);
            int queries = o.integer("queries", o.name().equals("flip") ? 6 : 16, 1);
            int rounds = o.integer("rounds", 3, 1);
            Task task = o.name().equals("flip")
                    ? flip(new FlipTask(symbols, o.integer("cycle", 2, 2), queries, 7), rounds, o.flag("audit", false))
                    : walk(new WalkTask(symbols, queries, 7), rounds);
            o.done();
            return task;
        }
    }

    private static Task flip(FlipTask flip, int rounds, boolean audit) {
        if (audit && flip.cycle() != 2) {
            throw new IllegalArgumentException("flip: audit=true: expected cycle=2, got cycle=" + flip.cycle());
        }
        String line = "flip:symbols=" + flip.symbols() + ",queries=" + flip.queries() + ",rounds=" + rounds + ",cycle="
                + flip.cycle() + (audit ? ",audit=true" : "");
        return new RoundsTask(
                line,
                flip.vocabulary(),
                flip.length(),
                flip.queries(),
                rounds,
                flip.cycle(),
                flip::training,
                flip::heldOut,
                audit ? (gpt, device) -> audit(flip, rounds, gpt, device) : (gpt, device) -> Map.of());
    }

    private static Task walk(WalkTask walk, int rounds) {
        if (walk.symbols() <= BEYOND * rounds) {
            throw new IllegalArgumentException("walk: symbols=" + walk.symbols() + ": expected more than " + BEYOND
                    + " times rounds=" + rounds + ", or the test walks all the way round");
        }
        String line = "walk:symbols=" + walk.symbols() + ",queries=" + walk.queries() + ",rounds=" + rounds;
        return new RoundsTask(
                line,
                walk.vocabulary(),
                walk.length(),
                walk.queries(),
                rounds,
                walk.symbols(),
                walk::training,
                walk::test,
                (gpt, device) -> Map.of());
    }

    @Override
    public String describe() {
        return name;
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public double rounds() {
        return (1 + rounds) / 2.0;
    }

    private int rounds(long seed, long position) {
        return 1 + (int) Rng.of(seed, "rounds").below(position, rounds);
    }

    @Override
    public Batches training(int rows, long seed) {
        return position -> seen.of(rows, rounds(seed, position)).batch(RUN * seed + position);
    }

    @Override
    public Loss loss(Gpt gpt, long seed, long position) {
        int applied = rounds(seed, position);
        return (t, ids, targets, count) -> CrossEntropy.consume(t, gpt.logits(t, ids, applied), targets, count);
    }

    @Override
    public Map<String, Double> scores(Gpt gpt, Device device, long read) {
        Map<String, Double> scores = new LinkedHashMap<>();
        List<Double> trained = new ArrayList<>();
        List<Double> beyond = new ArrayList<>();
        int solved = 0;
        for (int r = 1; r <= BEYOND * rounds; r++) {
            double accuracy = accuracy(gpt, device, r, unseen);
            scores.put("accuracy.unseen.R=" + r, accuracy);
            if (r % period != 0) {
                (r <= rounds ? trained : beyond).add(accuracy);
            }
            solved = accuracy >= SOLVED && solved == r - 1 ? r : solved;
        }
        if (name.startsWith("flip")) {
            for (int r = 1; r <= BEYOND * rounds; r++) {
                scores.put("accuracy.seen.R=" + r, accuracy(gpt, device, r, seen));
            }
        }
        scores.put("accuracy.trained", mean(trained));
        scores.put("accuracy.beyond", mean(beyond));
        scores.put("solved", (double) solved);
        scores.putAll(audit.apply(gpt, device));
        return scores;
    }

    private static Map<String, Double> audit(FlipTask flip, int rounds, Gpt gpt, Device device) {
        IntFunction<Batch> questions =
                r -> flip.heldOut(QUESTIONS / flip.queries(), r).batch(TEST);
        int[] odd = IntStream.rangeClosed(1, rounds)
                .filter(r -> r % flip.cycle() != 0)
                .toArray();
        Map<String, Double> scores = new LinkedHashMap<>();
        scores.putAll(new FlipAudit(flip, gpt, device, questions.apply(rounds), rounds).scores());
        scores.putAll(new FixedGates(flip, gpt, device, questions).scores(odd));
        return scores;
    }

    private static double mean(List<Double> numbers) {
        return numbers.stream().mapToDouble(x -> x).average().orElse(Double.NaN);
    }

    private double accuracy(Gpt gpt, Device device, int applied, Sample from) {
        return Accuracy.of(gpt, device, from.of(QUESTIONS / queries, applied).batch(TEST), applied);
    }
}
