package org.deepdelta.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deepdelta.nn.Parameter.Part;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Rng;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * The parameters of a model: first declared by its layers, then placed side by side in one tensor of a device, so that an optimiser or a
 * sum over gradients is one pass over memory.
 */
public final class Parameters {
    private static final long ALIGN = 16;

    private final List<Parameter> list = new ArrayList<>();
    private final Map<String, Part> names = new LinkedHashMap<>();
    private Tensor storage;

    /** Declares a parameter; decay applies if it has two or more axes. */
    public Parameter declare(String name, Init init, long... sizes) {
        return add(sizes.length >= 2, new Part(name, Shape.of(sizes), init));
    }

    /** Declares a parameter whose decay does not follow from its axes. */
    public Parameter declare(String name, Init init, boolean decay, long... sizes) {
        return add(decay, new Part(name, Shape.of(sizes), init));
    }

    /** Declares matrices of equal width that are stored as one, below each other. */
    public Parameter join(Part... parts) {
        return add(true, parts);
    }

    private Parameter add(boolean decay, Part... parts) {
        if (storage != null) {
            throw new IllegalStateException("parameters are placed already: " + parts[0].name() + " comes too late");
        }
        long[] sizes = parts[0].shape().toArray();
        for (Part part : parts) {
            if (names.putIfAbsent(part.name(), part) != null) {
                throw new IllegalArgumentException("parameter " + part.name() + " is declared twice");
            }
        }
        if (parts.length > 1) {
            sizes[0] = Arrays.stream(parts).mapToLong(p -> p.shape().axis(0)).sum();
        }
        Parameter parameter = new Parameter(List.of(parts), Shape.of(sizes), decay);
        list.add(parameter);
        return parameter;
    }

    /** Gives every parameter its memory. */
    public Parameters place(Device device, DType type) {
        storage = device.allocate(Spec.of(type, Shape.of(span())));
        long at = 0;
        for (Parameter p : list) {
            p.place(storage.part(at, p.shape()));
            at += padded(p);
        }
        return this;
    }

    /** Sets every parameter to its start under a seed; each part draws from the stream of its own name. */
    public Parameters initialise(long seed) {
        for (Map.Entry<String, Tensor> entry : named().entrySet()) {
            Part part = names.get(entry.getKey());
            Rng rng = Rng.of(seed, part.name());
            double[] values = new double[Math.toIntExact(part.shape().size())];
            for (int i = 0; i < values.length; i++) {
                values[i] = part.init().value(rng, i);
            }
            entry.getValue().set(values);
        }
        return this;
    }

    /** All parameters, in the order of their declaration. */
    public List<Parameter> list() {
        return List.copyOf(list);
    }

    /** All values in one tensor; parameters are padded to multiples of {@value #ALIGN} elements with zeros. */
    public Tensor storage() {
        if (storage == null) {
            throw new IllegalStateException("parameters have no memory yet: place comes first");
        }
        return storage;
    }

    /** Where a parameter begins in {@link #storage}, in elements. */
    public long offset(Parameter parameter) {
        return parameter.value().index() - storage().index();
    }

    /** Another tensor of the layout of {@link #storage}, of zeros: gradients, moments. */
    public Tensor like(Device device) {
        return device.allocate(storage().spec());
    }

    /** Has a tape differentiate with respect to every parameter, the gradients going to their places in {@code gradients}. */
    public void bind(Tape t, Tensor gradients, boolean add) {
        for (Parameter p : list) {
            t.parameter(p.value(), of(p, gradients), add);
        }
    }

    /** A parameter's place in a tensor of the layout of {@link #storage}. */
    public Tensor of(Parameter p, Tensor like) {
        return like.part(offset(p), p.shape());
    }

    /** Every part under its own name, as a view of {@link #storage}. */
    public Map<String, Tensor> named() {
        return named(storage());
    }

    /** Every part under its own name, as a view of a tensor of the layout of {@link #storage}. */
    public Map<String, Tensor> named(Tensor like) {
        Map<String, Tensor> map = new LinkedHashMap<>();
        for (Parameter p : list) {
            long at = offset(p);
            for (Part part : p.parts()) {
                map.put(part.name(), like.part(at, part.shape()));
                at += part.shape().size();
            }
        }
        return map;
    }

    /** Number of trained numbers. */
    public long count() {
        return list.stream().mapToLong(p -> p.shape().size()).sum();
    }

    private long span() {
        return list.stream().mapToLong(Parameters::padded).sum();
    }

    private static long padded(Parameter p) {
        return (p.shape().size() + ALIGN - 1) / ALIGN * ALIGN;
    }
}
