package org.deepdelta.tensor;

/**
 * One application of an operation on a tape, as its kernel sees it: inputs and outputs in the forward pass, and in the backward pass also
 * the gradients that arrive and those to be computed.
 */
public final class Call {
    private final Tape tape;
    private final Op op;
    private final Tensor[] in;
    private final Tensor[] out;
    private Tensor[] saved = {};

    Call(Tape tape, Op op, Tensor[] in, Tensor[] out) {
        this.tape = tape;
        this.op = op;
        this.in = in;
        this.out = out;
    }

    Op op() {
        return op;
    }

    Tensor[] ins() {
        return in;
    }

    Tensor[] outs() {
        return out;
    }

    /** Number of inputs; operations with optional inputs look here. */
    public int inputs() {
        return in.length;
    }

    /** An input. */
    public Tensor in(int i) {
        return in[i];
    }

    /** Number of outputs. */
    public int outputs() {
        return out.length;
    }

    /** An output; in the forward pass its content is undefined until the kernel has written it. */
    public Tensor out(int i) {
        return out[i];
    }

    /** Whether a backward pass can follow, so that saving for it pays. */
    public boolean differentiated() {
        return tape.isRecording();
    }

    /** Keeps tensors for the backward pass. */
    public void save(Tensor... tensors) {
        saved = tensors;
    }

    /** What the forward pass kept. */
    public Tensor saved(int i) {
        return saved[i];
    }

    /** The gradient that arrives at an output; zero where nothing depends on it. */
    public Tensor upstream(int i) {
        return tape.gradients().upstream(out[i]);
    }

    /** Whether a gradient arrives at an output; where none does, kernels may spare themselves {@link #upstream}, which are zeros. */
    public boolean arrives(int i) {
        return tape.gradients().arrived(out[i]);
    }

    /** Whether the gradient of an input is asked for. */
    public boolean wants(int i) {
        return tape.gradients().wants(in[i]);
    }

    /**
     * Where the gradient of an input goes, in the input's type. To be overwritten entirely; if the input has a gradient already, the tape
     * adds the two.
     */
    public Tensor gradient(int i) {
        return gradient(i, in[i].type());
    }

    /** The same in a type of the kernel's choice, such as F32 for the gradients of weights that are stored in BF16; the tape converts. */
    public Tensor gradient(int i, DType type) {
        return tape.gradients().write(in[i], type);
    }

    /** The type that an input's gradient is kept in: F32 for a parameter that is stored in BF16, else the input's. */
    public DType gradientType(int i) {
        return tape.gradients().type(in[i]);
    }

    /** Where the gradient of an input goes, for kernels that can add to what is there, as matrix products do. */
    public Sum sum(int i) {
        return sum(i, in[i].type());
    }

    /** The same in a type of the kernel's choice. */
    public Sum sum(int i, DType type) {
        return tape.gradients().sum(in[i], type);
    }

    /** Hands over a tensor that is the gradient of an input, such as the input's own memory that the kernel has overwritten with it. */
    public void give(int i, Tensor gradient) {
        tape.gradients().give(in[i], gradient);
    }

    /** The device that computes. */
    public Device device() {
        return tape.device();
    }

    /** Step memory for the kernel's own use. */
    public Tensor temporary(DType type, long... sizes) {
        return tape.arena().allocate(Spec.of(type, Shape.of(sizes)));
    }

    /**
     * A gradient's destination.
     *
     * @param tensor where it goes
     * @param add whether to add to the content (true) or to overwrite it (false)
     */
    public record Sum(Tensor tensor, boolean add) {}
}
