package org.deepdelta.tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Reverse-mode differentiation: applies operations, remembers them in order, and walks back. A tape belongs to one thread and to one step;
 * its tensors come from its arena. It can be walked back several times with different seeds, which is how full Jacobians are made.
 */
public final class Tape {
    private final Device device;
    private final Arena arena;
    private final boolean recording;
    private final List<Call> calls = new ArrayList<>();
    private final GradientStore gradients;
    private final Map<String, Tensor> watched = new LinkedHashMap<>();
    private final Map<String, Integer> ran = new TreeMap<>();
    private final Past past;
    private int places;
    private boolean watching;

    private Tape(Device device, Arena arena, boolean recording, Past past) {
        this.device = device;
        this.arena = arena;
        this.recording = recording;
        this.past = past;
        gradients = new GradientStore(device, arena);
    }

    /** A tape that can be walked back. */
    public static Tape recording(Device device, Arena arena) {
        return new Tape(device, arena, true, null);
    }

    /** A tape for evaluation: nothing is remembered, {@link #backward} throws. */
    public static Tape evaluating(Device device, Arena arena) {
        return new Tape(device, arena, false, null);
    }

    /** A tape for evaluation that continues a text: what {@link #causal} and {@link #grow} see begins where the past ends. */
    public static Tape generating(Device device, Arena arena, Past past) {
        return new Tape(device, arena, false, past);
    }

    /** The position of the first token of this step: 0, or the end of the past. */
    public long position() {
        return past == null ? 0 : past.position();
    }

    /** Whether this step continues a past. */
    public boolean isGenerating() {
        return past != null;
    }

    /**
     * Applies a function over time whose row t (of axis 1) depends on rows t - before to t: a causal convolution. In training that is
     * {@code f(x)}; a generating tape puts the rows before x in front and takes what f gives there off again.
     *
     * @param x {@code [B, T, ...]}
     * @param before rows that f looks back
     * @param f takes zeros as what was before the first token
     * @return {@code [B, T, ...]}
     */
    public Tensor causal(Tensor x, int before, UnaryOperator<Tensor> f) {
        if (past == null || before == 0) {
            return f.apply(x);
        }
        Tensor y = f.apply(past.window(this, places++, x, before));
        return slice(y, 1, before, before + x.shape().axis(1));
    }

    /** In training x; on a generating tape everything that this place was given so far along axis 1, and x at its end. */
    public Tensor grow(Tensor x) {
        return past == null ? x : past.grow(this, places++, x);
    }

    /** The device that computes. */
    public Device device() {
        return device;
    }

    /** Where this tape's tensors come from. */
    public Arena arena() {
        return arena;
    }

    /** Whether a backward pass can follow. */
    public boolean isRecording() {
        return recording;
    }

    /** Declares a tensor whose gradient is wanted; {@link #gradient} gives it after {@link #backward}. Returns the tensor. */
    public Tensor variable(Tensor tensor) {
        gradients.track(tensor);
        return tensor;
    }

    /**
     * Declares a parameter and where its gradient goes. The first gradient of the tape overwrites the destination, unless {@code add}, when
     * it is added to what is there (gradient accumulation over several micro-batches).
     */
    public void parameter(Tensor parameter, Tensor destination, boolean add) {
        gradients.parameter(parameter, destination, add);
    }

    /** A tensor of this step with arbitrary content. */
    public Tensor allocate(Spec spec) {
        return arena.allocate(spec);
    }

    /** A constant tensor of this step. */
    public Tensor constant(DType type, Shape shape, double value) {
        Tensor tensor = arena.allocate(Spec.of(type, shape));
        device.fill(tensor, value);
        return tensor;
    }

    /** Applies an operation with one output. */
    public Tensor apply(Op op, Tensor... in) {
        return applyAll(op, in)[0];
    }

    /**
     * Applies an operation.
     *
     * @throws IllegalArgumentException where an input's shape does not fit the operation
     */
    public Tensor[] applyAll(Op op, Tensor... in) {
        Spec[] specs = op.outputs(in);
        Tensor[] out = new Tensor[specs.length];
        boolean differentiable = false;
        for (Tensor tensor : in) {
            differentiable |= recording && gradients.wants(tensor);
        }
        for (int i = 0; i < out.length; i++) {
            out[i] = arena.allocate(specs[i]);
            if (differentiable && specs[i].type().isFloating()) {
                gradients.track(out[i]);
            }
        }
        Call call = new Call(this, op, in, out);
        Device.Choice choice = device.kernel(op, in);
        choice.kernel().forward(call);
        ran.merge(op.name() + " " + choice.name(), 1, Integer::sum);
        if (differentiable) {
            calls.add(call);
        }
        return out;
    }

    /**
     * Runs an operation into tensors that are there already, outside of differentiation: optimiser steps, sums of gradients. For operations
     * that say so, outputs may be inputs.
     */
    public void run(Op op, Tensor[] in, Tensor... out) {
        Spec[] specs = op.outputs(in);
        for (int i = 0; i < specs.length; i++) {
            if (!specs[i].equals(out[i].spec())) {
                throw new IllegalArgumentException(
                        op.name() + ": output " + i + ": expected " + specs[i] + ", got " + out[i].spec());
            }
        }
        Device.Choice choice = device.kernel(op, in);
        choice.kernel().forward(new Call(this, op, in, out));
        ran.merge(op.name() + " " + choice.name(), 1, Integer::sum);
    }

    /** Has {@link #watch} keep what it is given; without this call watching costs nothing. Returns this tape. */
    public Tape watching() {
        watching = true;
        return this;
    }

    /** Whether intermediates are kept; a rule may then compute some that it would otherwise leave fused. */
    public boolean isWatching() {
        return watching;
    }

    /** Keeps an intermediate under a name, if this tape is {@link #watching}; its gradient is found by {@link #gradient}. Returns the tensor. */
    public Tensor watch(String name, Tensor tensor) {
        if (watching) {
            watched.put(name, tensor);
        }
        return tensor;
    }

    /** Everything watched, in order. */
    public Map<String, Tensor> watched() {
        return watched;
    }

    /** How often which implementation of which operation ran forward, such as {@code delta cpu}. */
    public Map<String, Integer> ran() {
        return ran;
    }

    /** Walks back from a scalar with seed 1. */
    public void backward(Tensor y) {
        if (y.size() != 1) {
            throw new IllegalArgumentException("backward() without a seed needs a single element, got " + y.spec()
                    + ": pass the upstream gradient");
        }
        Tensor seed = arena.allocate(y.spec());
        device.fill(seed, 1);
        backward(y, seed);
    }

    /**
     * Walks back from {@code y}, adding to every gradient.
     *
     * @param upstream the gradient that arrives at y, of y's shape
     */
    public void backward(Tensor y, Tensor upstream) {
        if (!recording) {
            throw new IllegalStateException(
                    "this tape was made by Tape.evaluating: it keeps nothing to walk back over");
        }
        if (!upstream.shape().equals(y.shape())) {
            throw new IllegalArgumentException("upstream: expected " + y.shape() + ", got " + upstream.shape());
        }
        if (!gradients.wants(y)) {
            return;
        }
        device.copy(upstream, gradients.write(y, y.type()));
        gradients.settle();
        for (int i = calls.size() - 1; i >= 0; i--) {
            Call call = calls.get(i);
            boolean reached = false;
            for (Tensor out : call.outs()) {
                reached |= gradients.arrived(out);
            }
            if (reached) {
                device.kernel(call.op(), call.ins()).kernel().backward(call);
                gradients.settle();
            }
        }
    }

    /** Forgets all gradients, so that the tape can be walked back from another seed. */
    public void clearGradients() {
        gradients.clear();
    }

    /** The gradient of a tensor, or null if none arrived. */
    public Tensor gradient(Tensor tensor) {
        return gradients.of(tensor);
    }

    /** Where the gradients of this tape are kept, for {@link Call}. */
    GradientStore gradients() {
        return gradients;
    }

    // The primitives: enough to write a residual rule without deriving a backward pass. Shapes broadcast as in NumPy.

    /** a + b. */
    public Tensor add(Tensor a, Tensor b) {
        return apply(Primitive.ADD, a, b);
    }

    /** a - b. */
    public Tensor subtract(Tensor a, Tensor b) {
        return apply(Primitive.SUBTRACT, a, b);
    }

    /** a * b, element by element. */
    public Tensor multiply(Tensor a, Tensor b) {
        return apply(Primitive.MULTIPLY, a, b);
    }

    /** factor * x. */
    public Tensor scale(Tensor x, double factor) {
        return apply(Primitive.scale(factor), x);
    }

    /** x + offset. */
    public Tensor shift(Tensor x, double offset) {
        return apply(Primitive.shift(offset), x);
    }

    /** x to the power p, element by element. */
    public Tensor power(Tensor x, double p) {
        return apply(Primitive.power(p), x);
    }

    /** 1 / (1 + exp(-x)). */
    public Tensor sigmoid(Tensor x) {
        return apply(Primitive.SIGMOID, x);
    }

    /** Hyperbolic tangent. */
    public Tensor tanh(Tensor x) {
        return apply(Primitive.TANH, x);
    }

    /** max(x, 0); the derivative at 0 is 0. */
    public Tensor relu(Tensor x) {
        return apply(Primitive.RELU, x);
    }

    /** Exponential. */
    public Tensor exp(Tensor x) {
        return apply(Primitive.EXP, x);
    }

    /** Softmax over the last axis. */
    public Tensor softmax(Tensor x) {
        return apply(Primitive.SOFTMAX, store(x, false));
    }

    /** Sum over one axis, which stays with size 1. */
    public Tensor sum(Tensor x, int axis) {
        return apply(Primitive.sum(axis), x);
    }

    /** Sum of all elements, a scalar. */
    public Tensor sum(Tensor x) {
        return apply(Primitive.SUM_ALL, x);
    }

    /** Matrix product over the last two axes; the axes before them are equal, or missing in b. */
    public Tensor matmul(Tensor a, Tensor b) {
        return apply(Primitive.MATMUL, store(a, false), store(b, false));
    }

    /** Joins tensors along an axis. */
    public Tensor concat(int axis, Tensor... parts) {
        return apply(Primitive.concat(axis), parts);
    }

    /** The part {@code from} to {@code to} (exclusive) of an axis. */
    public Tensor slice(Tensor x, int axis, long from, long to) {
        return apply(Primitive.slice(axis, from, to), x);
    }

    /** The same elements in row-major order under another shape; no copy unless x is stored channel-major. */
    public Tensor reshape(Tensor x, long... sizes) {
        return store(x, false).as(Shape.of(sizes));
    }

    /** The axes in another order: axis i of the result is axis {@code order[i]} of x. */
    public Tensor transpose(Tensor x, int... order) {
        return apply(Primitive.transpose(order), x);
    }

    /** Rows of a table [V, d] by ids [...], giving [..., d]; a row that is taken twice gets both gradients. */
    public Tensor gather(Tensor table, Tensor ids) {
        return apply(Primitive.GATHER, table, ids);
    }

    /** Conversion to another element type. */
    public Tensor cast(Tensor x, DType type) {
        return x.type() == type ? x : apply(Primitive.cast(type), x);
    }

    /** The same values stored row-major or, for a state {@code [..., d, dv]}, channel-major. */
    public Tensor store(Tensor x, boolean channelMajor) {
        return x.spec().channelMajor() == channelMajor ? x : apply(Primitive.store(channelMajor), x);
    }
}
