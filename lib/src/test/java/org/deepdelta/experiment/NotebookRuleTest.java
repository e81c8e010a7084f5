package org.deepdelta.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import org.deepdelta.data.Batches;
import org.deepdelta.data.Tokens;
import org.deepdelta.model.Continuation;
import org.deepdelta.model.Flops;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.Additive;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.CountingDevice;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.train.Checkpoint;
import org.deepdelta.train.RunLog;
import org.deepdelta.train.TrainConfig;
import org.deepdelta.train.Trainer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rule that someone writes in a notebook cell, knowing the tape's primitives alone, has all that the library's rules have. */
public final class NotebookRuleTest {

    /** How the cell hands its rule over. */
    public static final AtomicReference<Supplier<ResidualStream>> CELL = new AtomicReference<>();

    /** X' = X + g (h - X), g = sigmoid(W c + b) a gate for every feature; read as x_t = X_t + m X_(t-1), m one number a feature. */
    private static final String RULE =
            """
            class Leaky implements ResidualStream {
                private final Parameter[] weight = new Parameter[64];
                private final Parameter[] bias = new Parameter[64];
                private Parameter mix;

                public String name() {
                    return "leaky";
                }

                public void declare(Parameters p, Dimensions dimensions) {
                    int d = dimensions.width();
                    for (int s = 0; s < dimensions.readout(); s++) {
                        weight[s] = p.declare("leaky." + s + ".weight", Init.normal(dimensions.std()), d, d);
                        bias[s] = p.declare("leaky." + s + ".bias", Init.constant(-1), d);
                    }
                    mix = p.declare("leaky.mix", Init.constant(0.1), d);
                }

                public Tensor expand(Tape t, Tensor embedding) {
                    return embedding;
                }

                public Tensor compress(Tape t, int s, Tensor state) {
                    Tensor before = t.causal(state, 1, x -> {
                        long[] first = x.shape().toArray();
                        long length = first[1];
                        first[1] = 1;
                        return t.slice(t.concat(1, t.constant(x.type(), Shape.of(first), 0), x), 1, 0, length);
                    });
                    return t.add(state, t.multiply(before, mix.value()));
                }

                public Tensor rewrite(Tape t, int s, Read r, Tensor h) {
                    Tensor g = t.sigmoid(t.add(t.matmul(r.c(), weight[s].value()), bias[s].value()));
                    return t.add(r.state(), t.multiply(g, t.subtract(h, r.state())));
                }
            }
            """;

    private static final int D = 12;
    private static final int STEPS = 20;
    private static final GptConfig SIZES = GptConfig.of(32, 2, 2, D);
    private static final TrainConfig CONFIG = TrainConfig.of(4, 9, STEPS, 3e-2).every(0, 0);

    @TempDir
    Path folder;

    @BeforeAll
    static void runTheCells() {
        try (JShell shell = JShell.builder().executionEngine("local").build()) {
            shell.addToClasspath(System.getProperty("java.class.path"));
            for (String line : List.of(
                    "import org.deepdelta.nn.*;",
                    "import org.deepdelta.residual.*;",
                    "import org.deepdelta.tensor.*;",
                    RULE,
                    "org.deepdelta.experiment.NotebookRuleTest.CELL.set(Leaky::new);")) {
                for (SnippetEvent event : shell.eval(line)) {
                    String wrong = shell.diagnostics(event.snippet())
                            .map(d -> d.getMessage(null))
                            .toList()
                            .toString();
                    assertEquals(Snippet.Status.VALID, event.status(), wrong + " in " + line);
                    assertEquals(null, event.exception());
                }
            }
        }
    }

    private static Gpt gpt(DType type) {
        return new Gpt(SIZES, CELL.get().get(), device(type), type, 1);
    }

    private static Device device(DType type) {
        return type == DType.F32 ? Device.cpu() : Device.reference();
    }

    private static Trainer trainer(Gpt gpt, DType type) {
        byte[] text = new byte[600];
        for (int i = 1; i < text.length; i++) {
            text[i] = (byte) ((text[i - 1] * 5 + 1 + Rng.of(7, "text").below(i, 2)) % 32);
        }
        return Trainer.of(gpt, device(type), CONFIG, Batches.random(Tokens.of(text), 4, 9, 0));
    }

    @Test
    void itTrainsAndResumesBitForBit() throws Exception {
        for (DType type : new DType[] {DType.F32, DType.F64}) {
            Gpt never = gpt(type);
            try (Trainer trainer = trainer(never, type)) {
                List<RunLog.Row> rows = trainer.run().rows();
                assertEquals(STEPS, rows.size());
                assertTrue(mean(rows.subList(STEPS - 5, STEPS)) < mean(rows.subList(0, 5)) - 0.2, rows::toString);
            }
            Path runs = folder.resolve(type.name());
            try (Trainer trainer = trainer(gpt(type), type)) {
                trainer.in(runs).listening((row, steps, left) -> {
                    if (row.step() == 13) {
                        trainer.stop();
                    }
                });
                assertThrows(Trainer.Stopped.class, trainer::run);
            }
            Gpt resumed = gpt(type);
            try (Trainer trainer = trainer(resumed, type)) {
                trainer.in(runs).resuming().run();
            }
            assertArrayEquals(bits(never), bits(resumed));
            Gpt read = gpt(type);
            Checkpoint.newest(runs).restore(read.state());
            assertArrayEquals(bits(never), bits(read));
        }
    }

    @Test
    void itWritesText() {
        Gpt gpt = gpt(DType.F64);
        int[] ids = {3, 1, 4, 1, 5, 9, 2, 6};
        Device device = device(DType.F64);
        Arena arena = device.arena();
        Tape t = Tape.evaluating(device, arena);
        double[] whole = gpt.logits(
                        t,
                        t.allocate(Spec.of(DType.I32, Shape.of(1, ids.length))).set(ids))
                .toDoubles();
        try (Continuation text = new Continuation(gpt, device)) {
            text.read(3, 1, 4);
            double[] logits = null;
            for (int i = 3; i < ids.length; i++) {
                logits = text.read(ids[i]);
            }
            assertArrayEquals(Arrays.copyOfRange(whole, whole.length - 32, whole.length), logits, 1e-13);
        }
    }

    @Test
    void itsNumbersAreCounted() {
        Gpt gpt = gpt(DType.F32);
        assertEquals(
                Gpt.count(SIZES, new Additive()) + 4L * (D * D + D) + D,
                gpt.parameters().count());
        Flops flops = Flops.of(gpt, device(DType.F32), 9);
        assertEquals(4 * 2.0 * D * D, flops.rule());
        assertEquals(flops, Flops.of(SIZES, CELL.get().get(), 9));
        CountingDevice counting = new CountingDevice(device(DType.F32));
        Arena arena = counting.arena();
        Tape t = Tape.evaluating(counting, arena);
        gpt.logits(t, t.constant(DType.I32, Shape.of(3, 9), 1));
        assertEquals(27 * flops.forward(), counting.forward());
    }

    private static double mean(List<RunLog.Row> rows) {
        return rows.stream().mapToDouble(RunLog.Row::loss).average().orElseThrow();
    }

    private static long[] bits(Gpt gpt) {
        return Arrays.stream(gpt.parameters().storage().toDoubles())
                .mapToLong(Double::doubleToRawLongBits)
                .toArray();
    }
}
