package org.deepdelta.experiment.study;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.deepdelta.data.Batch;
import org.deepdelta.data.FlipTask;
import org.deepdelta.experiment.Accuracy;
import org.deepdelta.model.Gpt;
import org.deepdelta.residual.ResidualStream;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Tensor;

/**
 * What a trained block of one layer answers when one of its two gates is taken out of its hands, for all tokens and in every round: what a gate
 * is needed for, where looking at gates tells only what goes with what.
 *
 * <p>{@code audit.attention=0.moved} is the accuracy on moved tokens (or {@code still}) with attention's gate at 0 (or 1, 2; or {@code mlp}), the
 * mean over the rounds that are asked; {@code audit.trained.moved} that with both gates as they are.
 */
final class FixedGates {
    /** From there a sigmoid is 0 or 1 to single precision. */
    private static final double FAR = 40;

    private final FlipTask task;
    private final Gpt trained;
    private final Device device;
    private final IntFunction<Batch> questions;

    /**
     * For a model.
     *
     * @param questions the same ones for every number of rounds, with the answers for it
     */
    FixedGates(FlipTask task, Gpt trained, Device device, IntFunction<Batch> questions) {
        this.task = task;
        this.trained = trained;
        this.device = device;
        this.questions = questions;
    }

    /** The accuracies. */
    Map<String, Double> scores(int... rounds) {
        Map<String, Double> scores = new LinkedHashMap<>();
        put(scores, "audit.trained.", trained, rounds);
        String[] branches = {"attn", "mlp"};
        for (String branch : branches) {
            for (int beta = 0; beta <= 2; beta++) {
                Gpt gpt = fixed("transformer.h.0.ddl_" + branch + ".beta.", beta);
                String sublayer = branch.equals("attn") ? "attention" : branch;
                put(scores, "audit." + sublayer + "=" + beta + ".", gpt, rounds);
            }
        }
        return scores;
    }

    private void put(Map<String, Double> scores, String name, Gpt gpt, int... rounds) {
        scores.put(name + "moved", accuracy(gpt, FlipTask.Role.MOVED, rounds));
        scores.put(name + "still", accuracy(gpt, FlipTask.Role.STILL, rounds));
    }

    private Gpt fixed(String branch, int beta) {
        Gpt gpt = new Gpt(
                        trained.config(),
                        ResidualStream.of(trained.residual().describe()),
                        device,
                        trained.parameters().storage().type(),
                        0)
                .load(trained);
        Map<String, Tensor> named = gpt.parameters().named();
        Tensor weight = named.get(branch + "weight");
        weight.set(new double[(int) weight.size()]);
        named.get(branch + "bias").set(FAR * (beta - 1));
        return gpt;
    }

    private double accuracy(Gpt gpt, FlipTask.Role role, int... rounds) {
        double sum = 0;
        for (int r : rounds) {
            Batch all = questions.apply(r);
            int[] targets = all.targets().clone();
            for (int i = 0; i < targets.length; i++) {
                targets[i] = task.role(all, i) == role ? targets[i] : Batch.IGNORED;
            }
            sum += Accuracy.of(gpt, device, new Batch(all.B(), all.T(), all.ids(), targets), r);
        }
        return sum / rounds.length;
    }
}
