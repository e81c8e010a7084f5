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
 *
 * <p>Parameters of type BF16 are kept twice: a master in F32 that the optimiser and checkpoints see, and its rounded copy, which the
 * forward pass reads. Gradients and moments are F32.
 */
public final class Parameters {
    private static final long ALIGN = 16;

    private final List<Parameter> list = new ArrayList<>();
    private final Map<String, Part> names = new LinkedHashMap<>();
    private Tensor storage;
    private Tensor master;

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
        master = type == DType.BF16 ? device.allocate(Spec.of(DType.F32, storage.shape())) : storage;
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

    /** All values in one tensor, as the forward pass reads them; parameters are padded to multiples of {@value #ALIGN} elements with zeros. */
    public Tensor storage() {
        if (storage == null) {
            throw new IllegalStateException("parameters have no memory yet: place comes first");
        }
        return storage;
    }

    /** All values in the layout of {@link #storage}, as the optimiser sees them: storage itself, or of BF16 the F32 master. */
    public Tensor master() {
        storage();
        return master;
    }

    /** Where a parameter begins in {@link #storage}, in elements. */
    public long offset(Parameter parameter) {
        return parameter.value().index() - storage().index();
    }

    /** Another tensor of the layout of {@link #master}, of zeros: gradients, moments. */
    public Tensor like(Device device) {
        return device.allocate(master().spec());
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

    /** Every part under its own name, as a view of {@link #master}; setting one sets the copy that the forward pass reads too. */
    public Map<String, Tensor> named() {
        Map<String, Tensor> map = named(master());
        if (master != storage) {
            Map<String, Tensor> copies = named(storage);
            map.replaceAll((name, tensor) -> tensor.followedBy(copies.get(name)));
        }
        return map;
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
