package org.deepdelta.tensor;

/**
 * The primitives that a scalar rule runs on every token, as kernels for tensors of one shape and order; with broadcasting the reference
 * runs.
 *
 * @param kind which
 * @param factor of SCALE
 */
record PrimitiveKernel(Kind kind, float factor) implements Kernel {

    enum Kind {
        ADD,
        SUBTRACT,
        MULTIPLY,
        SCALE,
        SIGMOID,
        TANH
    }

    @Override
    public boolean takes(Tensor... in) {
        for (Tensor tensor : in) {
            if (!tensor.spec().equals(in[0].spec()) || tensor.type() != DType.F32) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void forward(Call c) {
        switch (kind) {
            case ADD -> Elementwise.sum(c.in(0), 1, c.in(1), c.out(0));
            case SUBTRACT -> Elementwise.sum(c.in(0), -1, c.in(1), c.out(0));
            case MULTIPLY -> Elementwise.product(c.in(0), c.in(1), c.out(0), false);
            case SCALE -> Elementwise.scale(c.in(0), factor, c.out(0), false);
            case SIGMOID -> Elementwise.sigmoid(c.in(0), c.out(0));
            case TANH -> Elementwise.tanh(c.in(0), c.out(0));
        }
    }

    @Override
    public void backward(Call c) {
        Tensor u = c.upstream(0);
        for (int i = 0; i < c.inputs(); i++) {
            if (c.wants(i)) {
                Call.Sum dx = c.sum(i);
                switch (kind) {
                    case ADD -> Elementwise.scale(u, 1, dx.tensor(), dx.add());
                    case SUBTRACT -> Elementwise.scale(u, i == 0 ? 1 : -1, dx.tensor(), dx.add());
                    case MULTIPLY -> Elementwise.product(u, c.in(1 - i), dx.tensor(), dx.add());
                    case SCALE -> Elementwise.scale(u, factor, dx.tensor(), dx.add());
                    case SIGMOID -> Elementwise.sigmoidSlope(c.out(0), u, dx.tensor(), dx.add());
                    case TANH -> Elementwise.tanhSlope(c.out(0), u, dx.tensor(), dx.add());
                }
            }
        }
    }
}
