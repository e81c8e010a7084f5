package org.deepdelta.nn;

import org.deepdelta.nn.Parameter.Part;
import org.deepdelta.ops.linear.Linear;
import org.deepdelta.ops.swiglu.SwiGluGate;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** The MLP: W3 (silu(W1 c) * (W2 c)), without biases. */
public final class SwiGlu implements Sublayer {
    private final Parameter up;
    private final Parameter down;

    /** Declares the layer's parameters under the authors' names: c_fc1, c_fc2 (stored joined) and c_proj. */
    public SwiGlu(Parameters p, String prefix, int width, int hidden, double std, double outStd) {
        Shape shape = Shape.of(hidden, width);
        this.up = p.join(
                new Part(prefix + "c_fc1.weight", shape, Init.normal(std)),
                new Part(prefix + "c_fc2.weight", shape, Init.normal(std)));
        this.down = p.declare(prefix + "c_proj.weight", Init.normal(outStd), width, hidden);
    }

    /** The authors' inner width for a model of width d: floor(8/3 d). */
    public static int hidden(int width) {
        return (int) (8.0 / 3.0 * width);
    }

    @Override
    public Tensor apply(Tape t, Tensor c) {
        return Linear.apply(t, SwiGluGate.apply(t, Linear.apply(t, c, up.value())), down.value());
    }
}
