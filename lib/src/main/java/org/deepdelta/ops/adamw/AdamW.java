package org.deepdelta.ops.adamw;

import org.deepdelta.tensor.Kernel;
import org.deepdelta.tensor.Op;
import org.deepdelta.tensor.Reference;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tape;
import org.deepdelta.tensor.Tensor;

/**
 * One AdamW update with decoupled weight decay, in place (Loshchilov and Hutter 2019):
 *
 * <pre>
 *   g  = scale G                     scale: the clip factor
 *   m' = beta1 m + (1 - beta1) g     v' = beta2 v + (1 - beta2) g^2
 *   p' = p - rate decay p - rate (m' / (1 - beta1^step)) / (sqrt(v' / (1 - beta2^step)) + eps)
 * </pre>
 *
 * @param rate learning rate of this step
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param eps added to the root
 * @param decay weight decay
 * @param scale factor on the gradient
 * @param step counted from 1
 */
public record AdamW(double rate, double beta1, double beta2, double eps, double decay, double scale, int step)
        implements Op {

    /** Updates parameters and both moments; all tensors have one shape. */
    public void update(Tape t, Tensor parameter, Tensor gradient, Tensor m, Tensor v) {
        t.run(this, new Tensor[] {parameter, gradient, m, v}, parameter, m, v);
    }

    /** The same where the forward pass reads a copy of the parameter in another type, which follows it. */
    public void update(Tape t, Tensor parameter, Tensor copy, Tensor gradient, Tensor m, Tensor v) {
        t.run(this, new Tensor[] {parameter, gradient, m, v, copy}, parameter, m, v, copy);
    }

    @Override
    public String name() {
        return "adamw";
    }

    @Override
    public Spec[] outputs(Tensor... in) {
        for (int i = 1; i < in.length; i++) {
            in[i].expect("adamw: input " + i, in[0].shape().toArray());
        }
        Spec[] updated = {in[0].spec(), in[2].spec(), in[3].spec()};
        if (in.length == 4) {
            return updated;
        }
        return new Spec[] {updated[0], updated[1], updated[2], in[4].spec()};
    }

    @Override
    public Reference reference() {
        return new AdamWReference(this);
    }

    @Override
    public Kernel cpu() {
        return new AdamWKernel(this);
    }

    @Override
    public Kernel cuda() {
        return new AdamWCuda(this);
    }

    /** 1 - beta1^step. */
    public double correction1() {
        return 1 - StrictMath.pow(beta1, step);
    }

    /** 1 - beta2^step. */
    public double correction2() {
        return 1 - StrictMath.pow(beta2, step);
    }
}
