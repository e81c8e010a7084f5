package org.deepdelta.experiment;

import org.deepdelta.data.Batch;
import org.deepdelta.model.Gpt;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** How many questions a model answers right: at every position with a target, the token of the largest logit is the target. */
public final class Accuracy {
    private Accuracy() {}

    /**
     * The share of right answers.
     *
     * @param device where the model is
     * @param batch questions and answers {@code [B, T]}; positions whose target is {@link Batch#IGNORED} do not count
     * @param rounds how often the model applies its blocks
     * @return 0 to 1; NaN if nothing is asked
     */
    public static double of(Gpt gpt, Device device, Batch batch, int rounds) {
        Arena arena = device.arena();
        try {
            Tape t = Tape.evaluating(device, arena);
            Tensor ids = t.allocate(Spec.of(DType.I32, Shape.of(batch.B(), batch.T())))
                    .set(batch.ids());
            int[] answers =
                    gpt.logits(t, ids, rounds).toArray().argMax(2).data().asInt();
            long right = 0;
            for (int i = 0; i < answers.length; i++) {
                right += batch.targets()[i] != Batch.IGNORED && answers[i] == batch.targets()[i] ? 1 : 0;
            }
            return (double) right / batch.scored();
        } finally {
            arena.close();
        }
    }
}
