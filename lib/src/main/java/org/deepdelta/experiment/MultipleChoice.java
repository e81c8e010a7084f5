package org.deepdelta.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deepdelta.data.Batch;
import org.deepdelta.data.HellaSwag;
import org.deepdelta.tensor.Arena;
import org.deepdelta.tensor.Device;
import org.deepdelta.train.Loss;

/**
 * Multiple choice by likelihood: a model's answer is the ending with the smallest mean loss over the ending's tokens, given the context
 * (the first of equals). This is llm.c's rule. Its score is <b>not comparable</b> with lm-evaluation-harness, whose contexts and
 * normalisation differ, nor with the paper's tables, which come from there: GPT-2 124M scores 29.55 % by this rule and 31.14 % by that.
 *
 * @param right questions answered right
 * @param losses mean loss of each ending, a list of four for each question
 */
public record MultipleChoice(int right, List<List<Double>> losses) {

    /** Keeps a copy of the list. */
    public MultipleChoice {
        losses = List.copyOf(losses);
    }

    /** The fraction answered right; guessing gives 0.25. */
    public double accuracy() {
        return (double) right / losses.size();
    }

    /** Half the width of the accuracy's 95 % interval, from the number of questions alone. */
    public double margin() {
        return 1.96 * Math.sqrt(accuracy() * (1 - accuracy()) / losses.size());
    }

    /**
     * Has a model answer.
     *
     * @param device where it runs
     * @param loss of the model, such as {@code gpt::loss}
     * @param questions at least one
     * @return the score
     * @throws ArithmeticException if a loss is not a finite number
     */
    public static MultipleChoice of(Device device, Loss loss, List<HellaSwag.Example> questions) {
        if (questions.isEmpty()) {
            throw new IllegalArgumentException("questions: expected at least one, got none");
        }
        int right = 0;
        List<List<Double>> losses = new ArrayList<>();
        Arena arena = device.arena();
        try {
            for (HellaSwag.Example question : questions) {
                List<Double> each = question.endings().stream()
                        .map(ending -> Evaluation.mean(device, arena, loss, row(question.context(), ending)))
                        .toList();
                losses.add(each);
                right += best(each) == question.label() ? 1 : 0;
            }
        } finally {
            arena.close();
        }
        return new MultipleChoice(right, losses);
    }

    /** Context and ending without the last token, and as targets the ending alone. */
    private static Batch row(int[] context, int[] ending) {
        int T = context.length + ending.length - 1;
        int[] ids = Arrays.copyOf(context, T);
        System.arraycopy(ending, 0, ids, context.length, ending.length - 1);
        int[] targets = new int[T];
        Arrays.fill(targets, Batch.IGNORED);
        System.arraycopy(ending, 0, targets, context.length - 1, ending.length);
        return new Batch(1, T, ids, targets);
    }

    private static int best(List<Double> losses) {
        int best = 0;
        for (int i = 1; i < losses.size(); i++) {
            best = losses.get(i) < losses.get(best) ? i : best;
        }
        return best;
    }
}
