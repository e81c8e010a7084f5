package org.deepdelta.nn;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/** A function that is applied element by element, under the authors' name. */
public enum Activation {

    /** x. */
    IDENTITY("identity") {
        @Override
        public Tensor apply(Tape t, Tensor x) {
            return x;
        }
    },

    /** x sigmoid(x). */
    SILU("silu") {
        @Override
        public Tensor apply(Tape t, Tensor x) {
            return t.multiply(x, t.sigmoid(x));
        }
    },

    /** max(x, 0). */
    RELU("relu") {
        @Override
        public Tensor apply(Tape t, Tensor x) {
            return t.relu(x);
        }
    },

    /** x + 1 above zero, e^x below: positive and smooth at zero. */
    ELU_PLUS_ONE("elu+1", "elu") {
        @Override
        public Tensor apply(Tape t, Tensor x) {
            Tensor positive = t.relu(x);
            return t.add(positive, t.exp(t.subtract(x, positive)));
        }
    };

    private final String[] names;

    Activation(String... names) {
        this.names = names;
    }

    /** f(x), of x's shape. */
    public abstract Tensor apply(Tape t, Tensor x);

    /**
     * The activation of that name; {@code elu} is another name of {@code elu+1}, as in the authors' code.
     *
     * @param key where the name comes from, for the message, such as {@code q_activation}
     * @throws IllegalArgumentException with key, name and those that there are
     */
    public static Activation named(String key, String name) {
        for (Activation activation : values()) {
            if (Arrays.asList(activation.names).contains(name)) {
                return activation;
            }
        }
        throw new IllegalArgumentException(key + " = " + name + ": expected one of "
                + Arrays.stream(values()).flatMap(a -> Arrays.stream(a.names)).collect(Collectors.joining(", ")));
    }

    /** The authors' name. */
    @Override
    public String toString() {
        return names[0];
    }
}
