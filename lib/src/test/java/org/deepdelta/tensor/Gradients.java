package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import java.util.function.BiFunction;

/** Backward passes against central differences, in double, with a random upstream gradient (a plain sum hides mistakes). */
public final class Gradients {
    private static final double STEP = 1e-5;
    private static final double TOLERANCE = 2e-8;

    private Gradients() {}

    /** Random tensors of these shapes, in double, on the reference device. */
    public static Tensor[] random(long seed, Shape... shapes) {
        Device device = Device.reference();
        Tensor[] tensors = new Tensor[shapes.length];
        for (int i = 0; i < shapes.length; i++) {
            Rng rng = Rng.of(seed, "input " + i);
            double[] values = new double[(int) shapes[i].size()];
            for (int j = 0; j < values.length; j++) {
                values[j] = rng.normal(j);
            }
            tensors[i] = device.allocate(Spec.of(DType.F64, shapes[i])).set(values);
        }
        return tensors;
    }

    /** Checks the gradient of every input; the failure names the input, the element, and both derivatives. */
    public static void check(String what, BiFunction<Tape, Tensor[], Tensor> f, Tensor... inputs) {
        Device device = Device.reference();
        Arena arena = device.arena();
        Tape t = Tape.recording(device, arena);
        for (Tensor input : inputs) {
            if (input.type().isFloating()) {
                t.variable(input);
            }
        }
        Tensor y = f.apply(t, inputs);
        double[] upstream = new double[(int) y.size()];
        Rng rng = Rng.of(7, "upstream");
        for (int i = 0; i < upstream.length; i++) {
            upstream[i] = rng.normal(i);
        }
        t.backward(y, arena.allocate(Spec.of(DType.F64, y.shape())).set(upstream));
        for (int n = 0; n < inputs.length; n++) {
            if (inputs[n].type().isFloating()) {
                double[] analytic = t.gradient(inputs[n]).toDoubles();
                compare(what + ": gradient of input " + n, f, inputs, n, upstream, analytic);
            }
        }
        arena.close();
    }

    private static void compare(
            String what,
            BiFunction<Tape, Tensor[], Tensor> f,
            Tensor[] inputs,
            int n,
            double[] upstream,
            double[] analytic) {
        double[] values = inputs[n].toDoubles();
        double largest = 1e-3;
        for (double a : analytic) {
            largest = Math.max(largest, Math.abs(a));
        }
        for (int i = 0; i < values.length; i++) {
            double x = values[i];
            values[i] = x + STEP;
            double up = value(f, inputs, n, values, upstream);
            values[i] = x - STEP;
            double down = value(f, inputs, n, values, upstream);
            values[i] = x;
            double numeric = (up - down) / (2 * STEP);
            String message = String.format(
                    Locale.ROOT,
                    "%s[%d] of %s: backward %.10g, differences %.10g",
                    what,
                    i,
                    inputs[n].shape(),
                    analytic[i],
                    numeric);
            assertTrue(Math.abs(numeric - analytic[i]) <= TOLERANCE * largest + 1e-9, message);
        }
        inputs[n].set(values);
    }

    private static double value(
            BiFunction<Tape, Tensor[], Tensor> f, Tensor[] inputs, int n, double[] values, double[] upstream) {
        inputs[n].set(values);
        Device device = Device.reference();
        Arena arena = device.arena();
        double[] y = f.apply(Tape.evaluating(device, arena), inputs).toDoubles();
        arena.close();
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += y[i] * upstream[i];
        }
        return sum;
    }
}
