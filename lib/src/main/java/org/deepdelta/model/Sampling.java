package org.deepdelta.model;

import java.util.Arrays;
import java.util.Comparator;
import org.deepdelta.tensor.Rng;

/**
 * How the next token is chosen from its logits: the likeliest, or drawn from softmax(logits / temperature) cut down to the {@code topK}
 * likeliest tokens and among them to the fewest whose probability reaches {@code topP} (nucleus sampling, Holtzman et al. 2020). The n-th draw
 * is a function of seed and n.
 *
 * @param temperature 0 takes the likeliest token, the first of equals
 * @param topK tokens that are kept; 0 for all
 * @param topP probability that is kept, in (0, 1]; at least one token is
 * @param seed of the draws
 */
public record Sampling(double temperature, int topK, double topP, long seed) {

    /** Checks the ranges. */
    public Sampling {
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature: expected a finite number >= 0, got " + temperature);
        }
        if (topK < 0) {
            throw new IllegalArgumentException("top-k: expected >= 0 (0 keeps all), got " + topK);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top-p: expected in (0, 1], got " + topP);
        }
    }

    /** The likeliest token each time. */
    public static Sampling greedy() {
        return new Sampling(0, 0, 1, 0);
    }

    /**
     * Chooses a token.
     *
     * @param logits one a token; NaN is refused
     * @param draw which draw of this seed
     */
    public int choose(double[] logits, long draw) {
        int best = 0;
        for (int i = 0; i < logits.length; i++) {
            if (Double.isNaN(logits[i])) {
                throw new ArithmeticException("logit of token " + i + " is NaN: the model's numbers are broken");
            }
            best = logits[i] > logits[best] ? i : best;
        }
        if (temperature == 0) {
            return best;
        }
        int[] order = likeliest(logits);
        double[] weights = new double[order.length];
        double all = 0;
        for (int i = 0; i < order.length; i++) {
            weights[i] = StrictMath.exp((logits[order[i]] - logits[best]) / temperature);
            all += weights[i];
        }
        int kept = 0;
        double sum = 0;
        while (kept < order.length && (kept == 0 || sum < topP * all)) {
            sum += weights[kept++];
        }
        double point = Rng.of(seed, "sampling").uniform(draw) * sum;
        int at = 0;
        while (at < kept - 1 && point >= weights[at]) {
            point -= weights[at++];
        }
        return order[at];
    }

    /** The tokens that top-k keeps, likeliest first; equals in the order of their numbers. */
    private int[] likeliest(double[] logits) {
        Integer[] order = new Integer[logits.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> 0.0 - logits[i])); // 0.0 - x: both zeros are equals
        int count = topK == 0 ? order.length : Math.min(topK, order.length);
        return Arrays.stream(order, 0, count).mapToInt(Integer::intValue).toArray();
    }
}
