package org.deepdelta.experiment.gpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tensor;

/**
 * A loss and a model's gradients in a few numbers, for models whose gradients are too large to carry: of each gradient its norm and its
 * inner products with two vectors of random signs, which a difference anywhere in it changes.
 *
 * @param numbers by the parameter's name: norm and two products; under {@code loss} the loss
 */
record Fingerprint(Map<String, double[]> numbers) {
    private static final String LOSS = "loss";
    private static final int CHUNK = 1 << 20;
    private static final int SIGNS = 2;
    /** A difference of norm n gives an inner product of about n; four times that is rare. */
    private static final double RARE = 4;

    static Fingerprint of(double loss, Map<String, Tensor> gradients) {
        Map<String, double[]> numbers = new LinkedHashMap<>();
        numbers.put(LOSS, new double[] {loss});
        gradients.forEach((name, gradient) -> numbers.put(name, of(name, gradient)));
        return new Fingerprint(numbers);
    }

    private static double[] of(String name, Tensor gradient) {
        double[] sums = new double[1 + SIGNS];
        Rng[] signs = {Rng.of(1, name), Rng.of(2, name)};
        for (long from = 0; from < gradient.size(); from += CHUNK) {
            long count = Math.min(CHUNK, gradient.size() - from);
            double[] part = gradient.part(from, Shape.of(count)).toDoubles();
            add(part, from, signs, sums);
        }
        sums[0] = Math.sqrt(sums[0]);
        return sums;
    }

    private static void add(double[] part, long from, Rng[] signs, double... sums) {
        for (int s = 0; s < SIGNS; s++) {
            double sum = 0;
            long bits = 0;
            for (int i = 0; i < part.length; i++) {
                bits = i % Long.SIZE == 0 ? signs[s].bits((from + i) / Long.SIZE) : bits >>> 1;
                sum += (bits & 1) == 0 ? part[i] : -part[i];
            }
            sums[1 + s] += sum;
        }
        for (double g : part) {
            sums[0] += g * g;
        }
    }

    /**
     * Compares with the expected one.
     *
     * @param loss tolerance of the loss, relative
     * @param gradient tolerance of a gradient's difference, relative to its norm, or a hundredth of that of all where that is more
     */
    List<String> differences(Fingerprint expected, double loss, double gradient, Findings findings) {
        List<String> wrong = new ArrayList<>();
        wrong.add(findings.compare("loss", LOSS, expected.numbers.get(LOSS), numbers.get(LOSS), loss));
        double all = Math.sqrt(expected.numbers.entrySet().stream()
                .filter(e -> !e.getKey().equals(LOSS))
                .mapToDouble(e -> e.getValue()[0] * e.getValue()[0])
                .sum());
        expected.numbers.forEach((name, e) -> {
            if (name.equals(LOSS)) {
                return;
            }
            double[] a = numbers.get(name);
            double norm = Findings.scale(e[0], all);
            double deviation = Math.abs(e[0] - a[0]) / norm;
            for (int s = 1; s <= SIGNS; s++) {
                deviation = Math.max(deviation, Math.abs(e[s] - a[s]) / norm / RARE);
            }
            String what = String.format(
                    Locale.ROOT, "gradient of %s: expected norm %.6g and products %.6g, %.6g", name, e[0], e[1], e[2]);
            what += String.format(Locale.ROOT, ", got %.6g and %.6g, %.6g", a[0], a[1], a[2]);
            wrong.add(findings.within("gradients", deviation, gradient, what));
        });
        wrong.removeIf(Objects::isNull);
        return wrong;
    }
}
