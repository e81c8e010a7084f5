package org.deepdelta.tensor;

/** One application of an operation whose passes can be run alone, again and again: a tape would copy the upstream gradient each time. */
public final class KernelRun {
    private final Device device;
    private final Arena arena;
    private final Op op;
    private final Tensor[] in;
    private final Tensor[] gradients;
    private final Tensor out;
    private final Tensor upstream;
    private final Kernel kernel;
    private Tape tape;
    private Call call;

    /** For an operation with one output. */
    public KernelRun(Device device, Op op, Tensor upstream, Tensor... in) {
        this.device = device;
        this.op = op;
        this.in = in;
        this.upstream = upstream;
        arena = device.arena();
        kernel = device.kernel(op, in).kernel();
        out = device.allocate(op.outputs(in)[0]);
        gradients = new Tensor[in.length];
        for (int i = 0; i < in.length; i++) {
            gradients[i] = device.allocate(in[i].spec());
        }
    }

    /** Runs the forward pass. */
    public Tensor forward() {
        arena.reset();
        tape = Tape.recording(device, arena);
        for (int i = 0; i < in.length; i++) {
            if (in[i].type().isFloating()) {
                tape.parameter(in[i], gradients[i], false);
            }
        }
        tape.parameter(out, upstream, false);
        call = new Call(tape, op, in, new Tensor[] {out});
        kernel.forward(call);
        return out;
    }

    /** Runs the backward pass of the last forward pass; the gradients are overwritten. */
    public Tensor[] backward() {
        Arena.Mark mark = arena.mark();
        tape.clearGradients();
        tape.gradients().write(out, out.type());
        kernel.backward(call);
        arena.rewind(mark);
        return gradients;
    }

    /** Gives the step memory back. */
    public void close() {
        arena.close();
    }
}
