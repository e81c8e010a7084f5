package org.deepdelta.ops.rotary;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Reference;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** y = w z / sqrt(mean(z^2) + eps) with z the rotated head; backward through the norm, then rotated back by the opposite angle. */
record RotaryReference(Rotary op) implements Reference {

    @Override
    public INDArray[] forward(INDArray... in) {
        INDArray y = in[0].dup('c');
        INDArray[] cosSin = table(y);
        for (int part = 0; part < 2; part++) {
            if (heads(part) > 0) {
                INDArray z = rotate(part(y, part), cosSin[0], cosSin[1]);
                part(y, part).assign(in.length > 1 ? z.mul(inverseRms(z)).mul(weight(in, part)) : z);
            }
        }
        return new INDArray[] {y};
    }

    @Override
    public INDArray[] backward(INDArray[] in, INDArray[] upstream) {
        INDArray dx = upstream[0].dup('c');
        INDArray[] gradients = new INDArray[in.length];
        gradients[0] = dx;
        INDArray[] cosSin = table(dx);
        for (int part = 0; part < 2; part++) {
            if (heads(part) == 0) {
                if (in.length > 1) {
                    gradients[1 + part] = Nd4j.zerosLike(in[1 + part]);
                }
                continue;
            }
            INDArray u = part(upstream[0], part);
            INDArray dz = u;
            if (in.length > 1) {
                INDArray z = rotate(part(in[0], part), cosSin[0], cosSin[1]);
                INDArray r = inverseRms(z);
                INDArray n = z.mul(r);
                INDArray g = u.mul(weight(in, part));
                dz = g.sub(n.mul(g.mul(n).mean(true, 3))).mul(r);
                gradients[1 + part] = u.mul(n).sum(0, 1, 2);
            }
            part(dx, part).assign(rotate(dz, cosSin[0], cosSin[1].neg()));
        }
        return gradients;
    }

    private long heads(int part) {
        return part == 0 ? op.queries() : op.keys();
    }

    private INDArray part(INDArray x, int part) {
        long from = part == 0 ? 0 : op.queries();
        return x.get(all(), all(), interval(from, from + heads(part)), all());
    }

    private INDArray rotate(INDArray x, INDArray cos, INDArray sin) {
        int half = op.rotated(x.size(3)) / 2;
        INDArray y = x.dup('c');
        if (half == 0) {
            return y;
        }
        INDArray x1 = x.get(all(), all(), all(), interval(0, half)).dup('c');
        INDArray x2 = x.get(all(), all(), all(), interval(half, 2 * half)).dup('c');
        y.get(all(), all(), all(), interval(0, half)).assign(x1.mul(cos).sub(x2.mul(sin)));
        y.get(all(), all(), all(), interval(half, 2 * half)).assign(x1.mul(sin).add(x2.mul(cos)));
        return y;
    }

    private INDArray[] table(INDArray x) {
        long h = x.size(3);
        int length = (int) x.size(1);
        int half = op.rotated(h) / 2;
        double[][][] table = op.table(length, h, x.dataType() == DataType.DOUBLE ? DType.F64 : DType.F32);
        INDArray[] arrays = new INDArray[2];
        for (int i = 0; half > 0 && i < 2; i++) {
            arrays[i] = Nd4j.create(table[i]).castTo(x.dataType()).reshape(1, length, 1, half);
        }
        return half > 0 ? arrays : new INDArray[] {Nd4j.scalar(0.0), Nd4j.scalar(0.0)};
    }

    private INDArray inverseRms(INDArray z) {
        return Transforms.sqrt(z.mul(z).mean(true, 3).add(op.eps()), false).rdiv(1);
    }

    private static INDArray weight(INDArray[] in, int part) {
        return in[1 + part].reshape(1, 1, 1, in[1 + part].length());
    }
}
