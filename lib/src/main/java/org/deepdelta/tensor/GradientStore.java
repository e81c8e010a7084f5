package org.deepdelta.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The gradients of one tape: which tensors want one, where it goes, and whether something is there already. */
final class GradientStore {
    private final Device device;
    private final Arena arena;
    private final Map<Tensor, Tensor> leaves = new IdentityHashMap<>();
    private final Set<Tensor> tracked = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Tensor> accumulated = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Tensor, Tensor> gradients = new IdentityHashMap<>();
    private final List<Pending> pending = new ArrayList<>();

    /** A kernel's result on its way: added to the destination, or converted into it. */
    private record Pending(Tensor destination, Tensor fresh, boolean add) {}

    GradientStore(Device device, Arena arena) {
        this.device = device;
        this.arena = arena;
    }

    /** Wants the gradient of a tensor. */
    void track(Tensor tensor) {
        tracked.add(tensor.root());
    }

    /** Wants the gradient of a parameter, at a place of its own: in F32 also for BF16. */
    void parameter(Tensor parameter, Tensor destination, boolean add) {
        Spec expected = parameter.type() == DType.BF16
                ? new Spec(DType.F32, parameter.shape(), parameter.spec().channelMajor())
                : parameter.spec();
        if (!destination.spec().equals(expected)) {
            throw new IllegalArgumentException("gradient: expected " + expected + ", got " + destination.spec());
        }
        track(parameter);
        leaves.put(parameter.root(), destination);
        if (add) {
            accumulated.add(parameter.root());
        }
    }

    boolean wants(Tensor tensor) {
        return tracked.contains(tensor.root());
    }

    /** The type that a tensor's gradient is kept in. */
    DType type(Tensor tensor) {
        Tensor leaf = leaves.get(tensor.root());
        return leaf == null ? tensor.type() : leaf.type();
    }

    /** Whether a gradient came to an output. */
    boolean arrived(Tensor out) {
        return gradients.containsKey(out);
    }

    /** The gradient of a tensor, or null if none arrived. */
    Tensor of(Tensor tensor) {
        Tensor gradient = gradients.get(tensor.root());
        return gradient == null ? null : shaped(gradient, tensor);
    }

    /** The gradient that arrives at an output; zeros where nothing depends on it. */
    Tensor upstream(Tensor out) {
        Tensor gradient = gradients.computeIfAbsent(out, o -> {
            Tensor zero = arena.allocate(o.spec());
            device.fill(zero, 0);
            return zero;
        });
        return shaped(gradient, out);
    }

    /** Where a kernel writes the gradient of an input, in a type of its choice; {@link #settle} takes it to its destination. */
    Tensor write(Tensor tensor, DType type) {
        return sum(tensor, type, false).tensor();
    }

    /** Where a kernel that can add puts the gradient of an input. */
    Call.Sum sum(Tensor tensor, DType type) {
        return sum(tensor, type, true);
    }

    private Call.Sum sum(Tensor tensor, DType type, boolean canAdd) {
        Tensor root = tensor.root();
        boolean present = present(root);
        Tensor destination = destination(root);
        boolean direct = pending.stream().noneMatch(p -> p.destination == destination);
        if (destination.type() == type && direct && (canAdd || !present)) {
            return new Call.Sum(shaped(destination, tensor), present);
        }
        Tensor fresh = arena.allocate(new Spec(type, root.shape(), root.spec().channelMajor()));
        pending.add(new Pending(destination, fresh, present));
        return new Call.Sum(shaped(fresh, tensor), false);
    }

    /** Takes the gradient of an input that a kernel has at hand: where there is none yet, and no place of its own, this tensor is it. */
    void give(Tensor tensor, Tensor gradient) {
        Tensor root = tensor.root();
        boolean present = present(root);
        if (present || leaves.containsKey(root)) {
            pending.add(new Pending(destination(root), shaped(gradient, root), present));
        } else {
            gradients.put(root, shaped(gradient, root));
        }
    }

    /** Ends a kernel's backward pass. */
    void settle() {
        for (Pending p : pending) {
            if (p.add) {
                device.add(p.fresh, p.destination);
            } else {
                device.copy(p.fresh, p.destination);
            }
        }
        pending.clear();
    }

    void clear() {
        gradients.clear();
    }

    private boolean present(Tensor root) {
        return gradients.containsKey(root) || accumulated.contains(root);
    }

    private Tensor destination(Tensor root) {
        return gradients.computeIfAbsent(root, x -> leaves.containsKey(x) ? leaves.get(x) : arena.allocate(x.spec()));
    }

    private static Tensor shaped(Tensor gradient, Tensor tensor) {
        return gradient.shape().equals(tensor.shape()) ? gradient : gradient.as(tensor.shape());
    }
}
