package org.deepdelta.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.deepdelta.tensor.Rng;

/** What may happen to a file: one to four changes, the same for the same random numbers. Half of them hit its first bytes. */
final class Mutation {
    private static final int START = 256;
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");
    private static final long[] EXTREMES = {
        0,
        1,
        -1,
        255,
        256,
        65_535,
        65_536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        1L << 62,
        1_000_000_007
    };
    private static final List<String> NUMBERS = List.of(
            "0",
            "-1",
            "2147483647",
            "2147483648",
            "9223372036854775807",
            "9223372036854775808",
            "1e999",
            "0.5",
            "NaN",
            "1e9",
            "99999999999999999999999999",
            "null",
            "\"7\"",
            "[]",
            "{}",
            "true",
            "",
            "4611686018427387904",
            "1000000");

    private final Rng rng;
    private int drawn;

    private Mutation(Rng rng) {
        this.rng = rng;
    }

    static byte[] of(byte[] whole, Rng rng) {
        Mutation mutation = new Mutation(rng);
        byte[] bytes = whole;
        for (int i = mutation.below(4); i >= 0; i--) {
            bytes = mutation.changed(bytes);
        }
        return bytes;
    }

    /** The same with text in mind: the header of a file alone. */
    static byte[] of(String text, Rng rng) {
        return of(text.getBytes(StandardCharsets.UTF_8), rng);
    }

    private int below(int bound) {
        return (int) rng.below(drawn++, bound);
    }

    private byte[] changed(byte[] bytes) {
        if (bytes.length == 0) {
            return new byte[] {(byte) below(256)};
        }
        int at = below(2) == 0 ? below(bytes.length) : below(Math.min(START, bytes.length));
        return switch (below(8)) {
            case 0, 1 -> flipped(bytes, at);
            case 2 -> Arrays.copyOf(bytes, at);
            case 3 -> replaced(bytes, at, at, random(1 + below(20)));
            case 4 -> replaced(bytes, at, Math.min(bytes.length, at + 1 + below(40)), new byte[0]);
            case 5 -> extreme(bytes, at);
            case 6 -> number(bytes);
            default -> {
                int from = below(bytes.length);
                yield replaced(
                        bytes, at, at, Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + 1 + below(60))));
            }
        };
    }

    private byte[] flipped(byte[] bytes, int at) {
        byte[] copy = bytes.clone();
        copy[at] ^= (byte) (1 << below(8));
        return copy;
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) below(256);
        }
        return bytes;
    }

    /** Overwrites a binary number with one that is far off, or near the length of the file. */
    private byte[] extreme(byte[] bytes, int at) {
        int width = 2 << below(3);
        long value = below(3) == 0 ? bytes.length + below(9) - 4 : EXTREMES[below(EXTREMES.length)];
        ByteBuffer number =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value);
        int from = at / width * width;
        int to = Math.min(bytes.length, from + width);
        return replaced(bytes, from, to, Arrays.copyOf(number.array(), to - from));
    }

    /** Overwrites a number in the text with another, or with what is none. */
    private byte[] number(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        List<MatchResult> numbers = new ArrayList<>();
        NUMBER.matcher(text).results().limit(500).forEach(numbers::add);
        if (numbers.isEmpty()) {
            return flipped(bytes, below(bytes.length));
        }
        MatchResult one = numbers.get(below(numbers.size()));
        String other = NUMBERS.get(below(NUMBERS.size()));
        return replaced(bytes, one.start(), one.end(), other.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
        byte[] result = Arrays.copyOf(bytes, from + by.length + bytes.length - to);
        System.arraycopy(by, 0, result, from, by.length);
        System.arraycopy(bytes, to, result, from + by.length, bytes.length - to);
        return result;
    }
}
