package org.deepdelta.experiment.study;

import java.util.List;
import java.util.Map;
import org.deepdelta.data.Batch;
import org.deepdelta.data.Batches;
import org.deepdelta.model.Gpt;
import org.deepdelta.nn.NamedOptions;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;
import org.deepdelta.train.Loss;

/** Says each token again, plus a shift: {@code echo:length=6,shift=0,trouble=none}; with trouble it fails as it is told. */
final class EchoTask implements Task {
    private static final int SYMBOLS = 8;

    private final int length;
    private final int shift;
    private final String trouble;

    /** Makes them by name. */
    public static final class Provider implements Task.Provider {
        /** For {@link java.util.ServiceLoader}. */
        public Provider() {}

        @Override
        public List<String> names() {
            return List.of("echo");
        }

        @Override
        public Task create(NamedOptions o) {
            List<String> troubles = List.of("none", "nan", "exception", "memory");
            EchoTask task =
                    new EchoTask(o.integer("length", 6, 1), o.integer("shift", 0, 0), o.choice("trouble", "none", troubles));
            o.done();
            return task;
        }
    }

    private EchoTask(int length, int shift, String trouble) {
        this.length = length;
        this.shift = shift;
        this.trouble = trouble;
    }

    @Override
    public String describe() {
        return "echo:length=" + length + ",shift=" + shift + ",trouble=" + trouble;
    }

    @Override
    public int vocabulary() {
        return SYMBOLS;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public Batches training(int rows, long seed) {
        Rng rng = Rng.of(seed, "echo");
        return position -> {
            int[] ids = new int[rows * length];
            int[] targets = new int[rows * length];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = (int) rng.at(position).below(i, SYMBOLS);
                targets[i] = (ids[i] + shift) % SYMBOLS;
            }
            return new Batch(rows, length, ids, targets);
        };
    }

    @Override
    public Loss loss(Gpt gpt, long seed, long position) {
        boolean now = trouble.equals("nan") && position == 7;
        return (t, ids, targets, count) ->
                now ? t.constant(DType.F32, Shape.of(), Double.NaN) : gpt.loss(t, ids, targets, count);
    }

    @Override
    public Map<String, Double> scores(Gpt gpt, Device device, long read) {
        if (trouble.equals("exception")) {
            throw new IllegalStateException("no score today");
        }
        if (trouble.equals("memory")) {
            throw new OutOfMemoryError("as JavaCPP says it");
        }
        Batch batch = training(4, -1).batch(0);
        Arena arena = device.arena();
        try {
            Tape t = Tape.evaluating(device, arena);
            Spec spec = Spec.of(DType.I32, Shape.of(batch.B(), batch.T()));
            Tensor ids = t.allocate(spec).set(batch.ids());
            Tensor targets = t.allocate(spec).set(batch.targets());
            return Map.of("loss", gpt.loss(t, ids, targets, batch.scored()).item());
        } finally {
            arena.close();
        }
    }
}
