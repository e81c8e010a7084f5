package org.deepdelta.experiment;

import org.deepdelta.data.Batch;
import org.deepdelta.data.Examples;
import org.deepdelta.model.DeltaNetwork;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * How well a network classifies examples.
 *
 * @param error share of those that it takes for another class
 * @param loss mean cross entropy in nats
 */
public record Classification(double error, double loss) {
    private static final int ROWS = 250;

    /** Looks at all examples once. */
    public static Classification of(DeltaNetwork network, Device device, Examples examples) {
        Arena arena = device.arena();
        int wrong = 0;
        double loss = 0;
        for (Batch batch : examples.whole(ROWS)) {
            arena.reset();
            Tape t = Tape.evaluating(device, arena);
            Spec spec = Spec.of(DType.I32, Shape.of(batch.B(), batch.T()));
            Tensor ids = t.allocate(spec).set(batch.ids());
            Tensor targets = t.allocate(spec).set(batch.targets());
            loss += network.loss(t, ids, targets, examples.size()).item();
            int[] answers = network.classify(t, ids);
            for (int b = 0; b < batch.B(); b++) {
                int right = batch.targets()[b * batch.T()];
                wrong += right == Batch.IGNORED || right == answers[b] ? 0 : 1;
            }
        }
        arena.close();
        return new Classification(wrong / (double) examples.size(), loss);
    }
}
