package org.deepdelta.data;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Iterator;
import org.deepdelta.tensor.Rng;

/**
 * Labelled examples whose features are small whole numbers, such as the pixels of a picture. A row of a batch is one example: its features
 * are the row's ids, its class is the target of the row's first position, and the other positions ask nothing. So models over examples use
 * the batches, trainer, log and checkpoints of language models unchanged.
 *
 * @param features numbers an example
 * @param levels features are 0 to {@code levels} - 1; at most 256
 * @param classes labels are 0 to {@code classes} - 1; at most 256
 * @param values the features, example after example, each as an unsigned byte; kept, not copied
 * @param labels the classes, each as an unsigned byte; kept, not copied
 */
public record Examples(int features, int levels, int classes, byte[] values, byte[] labels) {

    /**
     * Checks sizes and ranges.
     *
     * @throws IllegalArgumentException naming what does not fit
     */
    public Examples {
        if (features < 1 || labels.length < 1 || values.length != (long) features * labels.length) {
            throw new IllegalArgumentException("examples: " + values.length + " values and " + labels.length
                    + " labels, expected " + features + " values for each label, and at least one of either");
        }
        within("values", values, levels);
        within("labels", labels, classes);
    }

    private static void within(String what, byte[] numbers, int bound) {
        if (bound < 1 || bound > 256) {
            throw new IllegalArgumentException("examples: bound of " + what + ": expected 1 to 256, got " + bound);
        }
        for (int i = 0; i < numbers.length; i++) {
            if ((numbers[i] & 0xFF) >= bound) {
                throw new IllegalArgumentException("examples: " + what + "[" + i + "] = " + (numbers[i] & 0xFF)
                        + ": expected 0 to " + (bound - 1));
            }
        }
    }

    /** How many there are. */
    public int size() {
        return labels.length;
    }

    /**
     * The first of them.
     *
     * @throws IllegalArgumentException unless {@code count} is 1 to {@link #size}
     */
    public Examples first(int count) {
        if (count < 1 || count > size()) {
            throw new IllegalArgumentException("first: expected 1 to " + size() + " examples, got " + count);
        }
        return new Examples(
                features, levels, classes, Arrays.copyOf(values, count * features), Arrays.copyOf(labels, count));
    }

    /** The share of the most frequent class: what is right without looking at the features. */
    public double majority() {
        int[] counts = new int[classes];
        for (byte label : labels) {
            counts[label & 0xFF]++;
        }
        return Arrays.stream(counts).max().getAsInt() / (double) size();
    }

    /**
     * Batches for training: each row any example, drawn from the seed, the batch's number and the row.
     *
     * @param B rows
     * @param seed chooses the order
     * @return batches {@code [B, features]}
     */
    public Batches random(int B, long seed) {
        Rng picks = Rng.of(seed, "examples");
        return position -> {
            int[] rows = new int[B];
            for (int b = 0; b < B; b++) {
                rows[b] = (int) picks.at(position).below(b, size());
            }
            return batch(B, rows);
        };
    }

    /**
     * Every example once, in order; the last batch is filled up with rows that ask nothing.
     *
     * @param B rows
     * @return batches {@code [B, features]}, made as they are asked for
     */
    public Iterable<Batch> whole(int B) {
        return () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < size();
            }

            @Override
            public Batch next() {
                int[] rows = new int[Math.min(B, size() - next)];
                for (int b = 0; b < rows.length; b++) {
                    rows[b] = next++;
                }
                return batch(B, rows);
            }
        };
    }

    private Batch batch(int B, int[] rows) {
        int[] ids = new int[B * features];
        int[] targets = new int[B * features];
        Arrays.fill(targets, Batch.IGNORED);
        for (int b = 0; b < rows.length; b++) {
            for (int j = 0; j < features; j++) {
                ids[b * features + j] = values[rows[b] * features + j] & 0xFF;
            }
            targets[b * features] = labels[rows[b]] & 0xFF;
        }
        return new Batch(B, features, ids, targets);
    }

    /** What results record about their data: SHA-256 of sizes, values and labels, in 16 hexadecimal digits. */
    public String fingerprint() {
        MessageDigest sha = Digests.sha256();
        sha.update(ByteBuffer.allocate(3 * Integer.BYTES)
                .putInt(features)
                .putInt(levels)
                .putInt(classes)
                .flip());
        sha.update(values);
        sha.update(labels);
        return Digests.hex(sha.digest()).substring(0, 16);
    }
}
