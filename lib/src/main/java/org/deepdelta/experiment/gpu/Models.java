package org.deepdelta.experiment.gpu;

import java.util.List;
import java.util.Map;
import org.deepdelta.data.Batch;
import org.deepdelta.model.Gpt;
import org.deepdelta.model.GptConfig;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * Language models of one size and their batches, drawn alike on every machine.
 *
 * @param sizes V, L, H, d
 * @param length T
 * @param rows B
 */
record Models(GptConfig sizes, int length, int rows) {
    /** The small ones that every rule is tried with. */
    static final Models SMALL = new Models(GptConfig.of(61, 2, 2, 24), 20, 3);

    /** Every family of rules. */
    static final List<String> FAMILIES = List.of(
            "additive",
            "ddl_scalar",
            "ddl_scalar:gates=separate",
            "ddl_scalar:gates=write_only",
            "ddl_tc",
            "ddl_tc_ec",
            "ddl_cc",
            "ddl_cc_ec",
            "ddl_cc_ec:preset=accelerated,channels=causal,eps=0.05",
            "ddl_cc_ec:dv=8,gates=separate",
            "ddl_cc_ec:dv=2,gates=write_only",
            "hc",
            "hc_static",
            "mhc",
            "mhc_flat");

    private static final long SEED = 1;

    /** A model at its start, its parameters rounded to a type. */
    Gpt model(String rule, Device device, DType type, DType rounded) {
        Gpt gpt = new Gpt(sizes, ResidualStream.of(rule), device, type, SEED);
        if (rounded == DType.BF16 && type != DType.BF16) {
            for (Tensor tensor : gpt.parameters().named().values()) {
                double[] values = tensor.toDoubles();
                for (int i = 0; i < values.length; i++) {
                    values[i] = OperationCase.round(values[i], DType.BF16);
                }
                tensor.set(values);
            }
        }
        return gpt;
    }

    /** Rows of random tokens, of which only {@code distinct} differ: the others repeat them in turn. */
    Batch batch(int count, int distinct, long number) {
        Rng rng = Rng.of(SEED, "batch").at(number);
        int[] ids = new int[count * length];
        int[] targets = new int[count * length];
        for (int i = 0; i < ids.length; i++) {
            long at = (long) (i / length % distinct) * length + i % length;
            ids[i] = (int) rng.below(2 * at, sizes.vocabulary());
            targets[i] = (int) rng.below(2 * at + 1, sizes.vocabulary());
        }
        return new Batch(count, length, ids, targets);
    }

    /** What is done with a loss and the gradients of a model before their memory goes back. */
    @FunctionalInterface
    interface Reader {
        /** Reads them. */
        void read(double loss, Map<String, Tensor> gradients, Tape t);
    }

    /** One forward and backward pass. */
    static void differentiate(Gpt gpt, Device device, Batch batch, Reader reader) {
        Tensor gradients = gpt.parameters().like(device);
        Arena arena = device.arena();
        Tape t = Tape.recording(device, arena);
        gpt.parameters().bind(t, gradients, false);
        Spec spec = Spec.of(DType.I32, Shape.of(batch.B(), batch.T()));
        Tensor ids = t.allocate(spec).set(batch.ids());
        Tensor targets = t.allocate(spec).set(batch.targets());
        Tensor loss = gpt.loss(t, ids, targets, batch.scored());
        t.backward(loss);
        reader.read(loss.item(), gpt.parameters().named(gradients), t);
        arena.close();
        gradients.memory().close();
    }

    /** Gives a model's memory back; it cannot be used any more. */
    static void close(Gpt gpt) {
        gpt.parameters().storage().memory().close();
        gpt.parameters().master().memory().close();
    }
}
