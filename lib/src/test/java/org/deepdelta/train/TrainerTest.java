package org.deepdelta.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.Pointer;
import org.deepdelta.data.Batch;
import org.deepdelta.data.Batches;
import org.deepdelta.data.FlipTask;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.ops.crossentropy.CrossEntropy;
import org.deepdelta.residual.Additive;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.Table;

final class TrainerTest {
    @TempDir
    Path folder;

    @Test
    void itLearns() {
        TrainConfig config = TrainConfig.of(8, 16, 300, 3e-2).every(0, 0);
        List<RunLog.Row> rows = new TinyRun(DType.F32, config).trainer.run().rows();
        assertEquals(Math.log(32), rows.get(0).loss(), 0.3);
        assertTrue(rows.get(299).loss() < 1.5, () -> "loss " + rows.get(299).loss());
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void theSameSeedGivesTheSameBitsOnAnyNumberOfThreads(DType type) {
        String once = bitsAfter(type, TinyRun.config(5));
        assertEquals(once, bitsAfter(type, TinyRun.config(5)), "twice");
        assertEquals(once, bitsAfter(type, TinyRun.config(5).withThreads(2)), "two threads");
        assertEquals(once, bitsAfter(type, TinyRun.config(5).withThreads(3)), "three threads");
        assertNotEquals(once, bitsAfter(type, TinyRun.config(5).withSeed(1)), "another seed");
    }

    private static String bitsAfter(DType type, TrainConfig config) {
        TinyRun run = new TinyRun(type, config);
        try (Trainer trainer = run.trainer) {
            trainer.run();
            return run.bits();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void resumingEqualsNeverHavingStopped(DType type) {
        TrainConfig config = TinyRun.config(9).withAccumulation(2).every(2, 0);
        TinyRun whole = new TinyRun(type, config);
        RunLog expected = whole.trainer.validating(TinyRun.validation()).run();

        for (int stop : new int[] {1, 4, 7}) {
            TinyRun part = new TinyRun(type, config);
            part.trainer.listening((row, steps, left) -> {
                if (row.step() == stop) {
                    part.trainer.stop();
                }
            });
            Trainer.Stopped stopped = assertThrows(Trainer.Stopped.class, () -> part.trainer
                    .validating(TinyRun.validation())
                    .in(folder)
                    .resuming()
                    .run());
            assertTrue(stopped.getMessage().contains("step " + stop + " of 9"), stopped.getMessage());
            part.trainer.close();
        }
        TinyRun last = new TinyRun(type, config.withThreads(2));
        RunLog log = last.trainer
                .validating(TinyRun.validation())
                .in(folder)
                .resuming()
                .run();

        assertEquals(whole.bits(), last.bits());
        assertEquals(withoutTimes(expected), withoutTimes(log));
        assertEquals(expected.validations(), log.validations());
        last.trainer.close();
    }

    @Test
    void aRunInMemoryContinuesWhereItWasStopped() {
        TinyRun whole = new TinyRun(DType.F32, TinyRun.config(6));
        whole.trainer.run();
        TinyRun part = new TinyRun(DType.F32, TinyRun.config(6));
        part.trainer.listening((row, steps, left) -> part.trainer.stop());
        for (int i = 1; i < 6; i++) {
            assertThrows(Trainer.Stopped.class, part.trainer::run);
            assertEquals(i, part.trainer.step());
        }
        part.trainer.run();
        assertEquals(whole.bits(), part.bits());
    }

    @Test
    void anInterruptedThreadLosesNothing() throws Exception {
        TinyRun run = new TinyRun(DType.F32, TinyRun.config(100_000).withThreads(2));
        run.trainer.in(folder);
        AtomicInteger flagged = new AtomicInteger();
        Thread cell = new Thread(() -> {
            assertThrows(Trainer.Stopped.class, run.trainer::run);
            flagged.set(Thread.currentThread().isInterrupted() ? 1 : -1);
        });
        run.trainer.listening((row, steps, left) -> {
            if (row.step() == 3) {
                cell.interrupt();
            }
        });
        cell.start();
        cell.join(60_000);
        assertFalse(cell.isAlive(), "still running");
        assertEquals(1, flagged.get(), "the interrupt is kept for the caller");
        Checkpoint checkpoint = Checkpoint.newest(folder);
        assertEquals(run.trainer.step(), checkpoint.step());
        assertEquals(
                run.trainer.step(),
                Files.readAllLines(folder.resolve("log.csv")).size() - 1);
        run.trainer.close();
    }

    @Test
    void tablesawReadsTheLog() {
        TinyRun run = new TinyRun(DType.F32, TinyRun.config(40).every(40, 0));
        RunLog log = run.trainer.validating(TinyRun.validation()).in(folder).run();
        run.trainer.close();
        Table table = Table.read().csv(folder.resolve("log.csv").toFile());
        assertEquals(40, table.rowCount());
        assertEquals(List.of("step", "tokens", "loss", "norm", "rate", "validation", "ms"), table.columnNames());
        assertEquals(ColumnType.DOUBLE, table.column("validation").type());
        assertEquals(
                log.rows().get(39).validation(),
                table.doubleColumn("validation").get(39));
        assertEquals(log.rows().get(17).loss(), table.doubleColumn("loss").get(17));
        assertEquals(
                40L * TinyRun.B * TinyRun.T, log.table().longColumn("tokens").get(39));
        Table batches = Table.read().csv(folder.resolve("validation.csv").toFile());
        assertEquals(
                log.validations().get(0).batches(), batches.doubleColumn("loss").asList());
    }

    @Test
    void aSecondRunInAFolderIsRefusedUnlessItResumes() {
        new TinyRun(DType.F32, TinyRun.config(2)).trainer.in(folder).run();
        TinyRun second = new TinyRun(DType.F32, TinyRun.config(2));
        IllegalStateException e = assertThrows(
                IllegalStateException.class, () -> second.trainer.in(folder).run());
        assertTrue(e.getMessage().contains("there is a run already"), e.getMessage());
        TinyRun third = new TinyRun(DType.F32, TinyRun.config(2));
        assertEquals(2, third.trainer.in(folder).resuming().run().rows().size(), "a finished run is read back");
    }

    @Test
    void memoryIsFlat() {
        TinyRun run = new TinyRun(DType.F32, TinyRun.config(200).every(20, 0));
        long[] arenas = new long[201];
        long[] tracked = new long[201];
        run.trainer.validating(TinyRun.validation()).listening((row, steps, left) -> {
            arenas[row.step()] = run.trainer.arenaBytes();
            if (row.step() == 100 || row.step() == 200) {
                collect();
                tracked[row.step()] = Pointer.totalBytes();
            }
        });
        run.trainer.run();
        for (int step = 22; step <= 200; step++) {
            assertEquals(arenas[21], arenas[step], "arena bytes after step " + step);
        }
        assertTrue(
                tracked[200] <= tracked[100] + (64 << 10),
                () -> "memory outside the heap grew from " + tracked[100] + " to " + tracked[200] + " bytes");
    }

    /** ND4J's arrays on our memory are objects that the collector ends. */
    private static void collect() {
        for (int i = 0; i < 3; i++) {
            System.gc();
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void shardsAndMicroBatchesAddUpToTheGradientOfTheWhole() {
        Batch both = Batches.random(TinyRun.text(), 6, 5, 3).batch(0);
        both.targets()[7] = Batch.IGNORED; // shards do not have equally many targets
        Batch first = part(both, 0, 2);
        Batch second = part(both, 2, 6);
        double[] whole = gradient(List.of(both), 1);
        close(whole, gradient(List.of(both), 4), "four shards");
        close(whole, gradient(List.of(first, second), 1), "two micro-batches");
        close(whole, gradient(List.of(first, second), 3), "two micro-batches, some shards without rows");
    }

    /** The first moment after one step is the gradient, but for a factor. */
    private static double[] gradient(List<Batch> micros, int shards) {
        Device device = Device.reference();
        Gpt gpt = new Gpt(GptConfig.of(32, 1, 2, 8), new Additive(), device, DType.F64, 1);
        Optimizer optimizer = new Optimizer(gpt.parameters(), Optimizer.Config.paper(), device);
        try (TrainStep step = new TrainStep(gpt.parameters(), device, shards, 1)) {
            step.run(micros.stream().map(b -> new TrainStep.Micro(b, gpt::loss)).toList(), optimizer, 1e-3);
        }
        return optimizer.m().toDoubles();
    }

    private static Batch part(Batch whole, int from, int to) {
        int T = whole.T();
        return new Batch(
                to - from,
                T,
                Arrays.copyOfRange(whole.ids(), from * T, to * T),
                Arrays.copyOfRange(whole.targets(), from * T, to * T));
    }

    private static void close(double[] expected, double[] actual, String what) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1e-12, what + ", element " + i);
        }
    }

    @Test
    void validationIsTheMeanOverAllTargets() {
        TinyRun run = new TinyRun(DType.F64, TinyRun.config(1));
        RunLog.Validation cut = run.trainer.validate(TinyRun.validation());
        RunLog.Validation rows =
                run.trainer.validate(Batches.whole(TinyRun.text().slice(0, 100), 1, TinyRun.T));
        assertEquals(rows.loss(), cut.loss(), 1e-12);
        assertEquals(4, cut.batches().size());
    }

    @Test
    void aLossThatIsNotFiniteStopsTheRunAndChangesNothing() throws Exception {
        TinyRun run = new TinyRun(DType.F32, TinyRun.config(10));
        run.trainer.in(folder).losses(position -> (t, ids, targets, count) -> {
            Tensor loss = run.gpt.loss(t, ids, targets, count);
            return position == 4 ? t.scale(loss, Double.POSITIVE_INFINITY) : loss;
        });
        ArithmeticException e = assertThrows(ArithmeticException.class, run.trainer::run);
        assertTrue(e.getMessage().startsWith("step 5 at rate"), e.getMessage());
        assertEquals(4, Checkpoint.newest(folder).step());
        assertTrue(Double.isFinite(sum(run.gpt.parameters().storage().toDoubles())));
    }

    private static double sum(double... values) {
        return Arrays.stream(values).sum();
    }

    @Test
    void aTaskAcrossDepthTrainsWithRoundsThatChangeFromBatchToBatch() {
        FlipTask task = new FlipTask(6, 2, 4, 3);
        Device device = Device.cpu();
        Gpt gpt = new Gpt(GptConfig.of(task.vocabulary(), 1, 2, 8), new Additive(), device, DType.F32, 0);
        Batches data = position -> task.training(8, task.rounds(position, 3)).batch(position);
        TrainConfig config = TrainConfig.of(8, task.length(), 12, 1e-2);
        try (Trainer trainer = Trainer.of(gpt, device, config, data)) {
            RunLog log = trainer.losses(position -> (t, ids, targets, count) ->
                            CrossEntropy.apply(t, gpt.logits(t, ids, task.rounds(position, 3)), targets, count))
                    .run();
            assertTrue(log.rows().get(11).loss() < log.rows().get(0).loss());
        }
    }

    @Test
    void aParameterThatALossDoesNotReachGetsNoGradient() {
        Device device = Device.cpu();
        Gpt gpt = new Gpt(GptConfig.of(32, 1, 2, 8), new Additive(), device, DType.F32, 0);
        Optimizer optimizer = new Optimizer(gpt.parameters(), new Optimizer.Config(0, 0.9, 1e-8, 0, 1e9), device);
        Batch batch = Batches.random(TinyRun.text(), 2, 4, 0).batch(0);
        Tensor norm = gpt.state().get("ln_f.weight");
        Loss other = (t, ids, targets, count) -> t.sum(t.multiply(norm, norm));
        try (TrainStep step = new TrainStep(gpt.parameters(), device, 1, 1)) {
            step.run(List.of(new TrainStep.Micro(batch, gpt::loss)), optimizer, 1e-3);
            step.run(List.of(new TrainStep.Micro(batch, other)), optimizer, 1e-3);
        }
        Tensor embedding = gpt.parameters().named(optimizer.m()).get("transformer.wte.weight");
        assertEquals(0, sum(Arrays.stream(embedding.toDoubles()).map(Math::abs).toArray()));
    }

    @Test
    void aFailureInOneShardIsThrownAndTheTrainerGoesOn() {
        TinyRun run = new TinyRun(DType.F32, TinyRun.config(3).withThreads(2));
        AtomicInteger calls = new AtomicInteger();
        run.trainer.losses(position -> (t, ids, targets, count) -> {
            if (calls.incrementAndGet() == 2) {
                throw new IllegalArgumentException("planted");
            }
            return run.gpt.loss(t, ids, targets, count);
        });
        assertThrows(IllegalArgumentException.class, run.trainer::run);
        assertEquals(3, run.trainer.run().rows().size());
        run.trainer.close();
    }

    @Test
    void wrongNumbersAreNamed() {
        assertNamed("batch: expected at least 1, got 0", () -> TrainConfig.of(0, 6, 10, 1));
        assertNamed(
                "threads: expected at least 1, got 0", () -> TinyRun.config(3).withThreads(0));
        assertNamed("saveEvery: expected at least 0, got -1", () -> TinyRun.config(3)
                .every(0, -1));
        assertNamed("beta2: expected in [0, 1), got 1.0", () -> new Optimizer.Config(0, 1, 0, 0, 1));
        TinyRun run = new TinyRun(DType.F32, TinyRun.config(3));
        Batches narrow = Batches.random(TinyRun.text(), 4, TinyRun.T, 0);
        assertNamed(
                "expected batches of 5 x 6, got 4 x 6",
                () -> Trainer.of(run.gpt, run.device, TinyRun.config(3), narrow));
    }

    private static void assertNamed(String expected, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void aGradientThatIsNotFiniteIsNotApplied() {
        TinyRun run = new TinyRun(DType.F32, TinyRun.config(1));
        Optimizer optimizer = new Optimizer(run.gpt.parameters(), Optimizer.Config.paper(), run.device);
        String before = run.bits();
        Arena arena = run.device.arena();
        Tensor gradient = run.gpt.parameters().like(run.device);
        run.device.fill(gradient, Double.POSITIVE_INFINITY);
        assertThrows(
                ArithmeticException.class, () -> optimizer.update(Tape.evaluating(run.device, arena), 1e-3, gradient));
        assertEquals(before, run.bits());
        assertEquals(0, optimizer.step());
        assertEquals(Spec.of(DType.F32, Shape.of(gradient.size())), gradient.spec());
        arena.close();
    }

    private static List<List<Number>> withoutTimes(RunLog log) {
        return log.rows().stream()
                .map(r -> List.<Number>of(r.step(), r.tokens(), r.loss(), r.norm(), r.rate(), r.validation()))
                .toList();
    }
}
