package org.deepdelta.ops.rotary;

import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Lanes;

/**
 * Cosines and sines for positions from 0 on, a row a position; a device makes them once for a length and again when it has doubled.
 *
 * @param stride floats from one position to the next, a whole number of vectors
 */
record Angles(float[] cos, float[] sin, int stride) {

    private record Key(double base, double ratio, int width, int positions) {}

    static Angles of(Device device, Rotary op, int width, int positions) {
        int power = Math.max(64, Integer.highestOneBit(Math.max(1, positions - 1)) * 2);
        Key key = new Key(op.base(), op.ratio(), width, power);
        return device.once(key, () -> make(key));
    }

    private static Angles make(Key key) {
        Rotary fromStart = new Rotary(0, 0, key.base, key.ratio, 0, 0);
        double[][][] table = fromStart.table(key.positions, key.width, DType.F32);
        int half = fromStart.rotated(key.width) / 2;
        int stride = Lanes.padded(half);
        float[][] rows = new float[2][key.positions * stride];
        for (int i = 0; i < 2; i++) {
            for (int t = 0; t < key.positions; t++) {
                for (int j = 0; j < half; j++) {
                    rows[i][t * stride + j] = (float) table[i][t][j];
                }
            }
        }
        return new Angles(rows[0], rows[1], stride);
    }
}
