package org.deepdelta.nn;

import java.util.List;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Tensor;

/**
 * A trained tensor. Several that are used in one matrix product are stored joined along their first axis and keep their own names and
 * starting values as parts.
 */
public final class Parameter {

    /**
     * What goes under a name of its own in a checkpoint.
     *
     * @param name as in the authors' state_dict
     * @param shape its axes
     * @param init how it starts
     */
    public record Part(String name, Shape shape, Init init) {}

    private final List<Part> parts;
    private final Shape shape;
    private final boolean decay;
    private Tensor value;

    Parameter(List<Part> parts, Shape shape, boolean decay) {
        this.parts = List.copyOf(parts);
        this.shape = shape;
        this.decay = decay;
    }

    /** Its name, or the first part's. */
    public String name() {
        return parts.get(0).name();
    }

    /** The names it goes by in a checkpoint, in storage order. */
    public List<Part> parts() {
        return parts;
    }

    /** Axes of the whole. */
    public Shape shape() {
        return shape;
    }

    /** Whether weight decay applies. */
    public boolean decay() {
        return decay;
    }

    /**
     * The numbers.
     *
     * @throws IllegalStateException before {@link Parameters#place}
     */
    public Tensor value() {
        if (value == null) {
            throw new IllegalStateException("parameter " + name() + " has no memory yet: Parameters.place comes first");
        }
        return value;
    }

    void place(Tensor tensor) {
        value = tensor;
    }
}
