package org.deepdelta.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntToDoubleFunction;

/** A tensor's elements in row-major order, to and from a device's memory in chunks. Needs no ND4J backend. */
final class Elements {
    private static final int CHUNK = 1 << 20;

    private Elements() {}

    /** Overwrites every element. */
    static void write(Tensor tensor, IntToDoubleFunction values) {
        DType type = tensor.type();
        int size = Math.toIntExact(tensor.size());
        ByteBuffer chunk = buffer(size, type);
        for (int from = 0; from < size; from += CHUNK) {
            int to = Math.min(size, from + CHUNK);
            chunk.clear();
            for (int i = from; i < to; i++) {
                put(chunk, type, values.applyAsDouble(rowMajor(tensor, i)));
            }
            tensor.memory().put(tensor.offset() + (long) from * type.bytes(), chunk.flip());
        }
    }

    /** All elements, widened. */
    static double[] read(Tensor tensor) {
        DType type = tensor.type();
        int size = Math.toIntExact(tensor.size());
        double[] values = new double[size];
        ByteBuffer chunk = buffer(size, type);
        for (int from = 0; from < size; from += CHUNK) {
            int to = Math.min(size, from + CHUNK);
            chunk.clear().limit((to - from) * type.bytes());
            tensor.memory().get(tensor.offset() + (long) from * type.bytes(), chunk);
            chunk.flip();
            for (int i = from; i < to; i++) {
                values[rowMajor(tensor, i)] = get(chunk, type);
            }
        }
        return values;
    }

    private static ByteBuffer buffer(int size, DType type) {
        return ByteBuffer.allocate(Math.min(size, CHUNK) * type.bytes()).order(ByteOrder.nativeOrder());
    }

    /** Which element of the row-major order is stored at that place. */
    private static int rowMajor(Tensor tensor, int stored) {
        if (!tensor.spec().channelMajor()) {
            return stored;
        }
        int d = (int) tensor.shape().axis(-2);
        int dv = (int) tensor.shape().axis(-1);
        int within = stored % (d * dv);
        return stored - within + within % d * dv + within / d;
    }

    private static void put(ByteBuffer to, DType type, double value) {
        switch (type) {
            case F64 -> to.putDouble(value);
            case F32 -> to.putFloat((float) value);
            case BF16 -> to.putShort(bf16((float) value));
            case I32 -> to.putInt((int) value);
        }
    }

    private static double get(ByteBuffer from, DType type) {
        return switch (type) {
            case F64 -> from.getDouble();
            case F32 -> from.getFloat();
            case BF16 -> Float.intBitsToFloat(from.getShort() << 16);
            case I32 -> from.getInt();
        };
    }

    /** The upper half of a single, rounded to the nearest, ties to even. */
    private static short bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.isNaN(value) ? (short) (bits >>> 16 | 0x40) : (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }
}
