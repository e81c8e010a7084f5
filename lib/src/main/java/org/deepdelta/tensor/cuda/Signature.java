package org.deepdelta.tensor.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Tensor;

/**
 * A kernel's parameters as its source declares them, against which every launch is checked: a float pointer in place of a bf16 one would
 * else compute nonsense without a word.
 *
 * @param kernel its name
 * @param parameters the declared types without {@code const}, such as {@code T*} or {@code long long}
 */
record Signature(String kernel, List<String> parameters) {
    private static final String BOUNDS = "(?:__launch_bounds__\\s*\\([^)]*\\)\\s*)?";
    private static final Pattern HEAD = Pattern.compile(
            "extern\\s+\"C\"\\s+__global__\\s+" + BOUNDS + "void\\s+" + BOUNDS + "(\\w+)\\s*\\(([^)]*)\\)");
    private static final Pattern STRUCTURE = Pattern.compile("[A-Z]\\w+");
    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|//[^\\n]*", Pattern.DOTALL);

    /** All kernels of a source, by name. */
    static Map<String, Signature> parse(String source) {
        Map<String, Signature> all = new LinkedHashMap<>();
        Matcher matcher = HEAD.matcher(COMMENT.matcher(source).replaceAll(" "));
        while (matcher.find()) {
            List<String> types = new ArrayList<>();
            for (String parameter : matcher.group(2).split(",")) {
                if (!parameter.isBlank()) {
                    types.add(type(parameter));
                }
            }
            all.put(matcher.group(1), new Signature(matcher.group(1), List.copyOf(types)));
        }
        return all;
    }

    private static String type(String parameter) {
        String plain = parameter
                .replaceAll("\\b(const|__restrict__)\\b", " ")
                .replace("*", " * ")
                .strip();
        return plain.substring(
                        0,
                        plain.length()
                                - plain.replaceFirst(".*\\W(?=\\w+$)", "").length())
                .strip()
                .replaceAll("\\s*\\*", "*")
                .replaceAll("\\s+", " ");
    }

    /**
     * Arguments ready for a launch.
     *
     * @param slots of 8 bytes; a structure takes several
     * @param starts the first slot of each argument
     */
    record Arguments(long[] slots, int[] starts) {}

    /**
     * The arguments as slots.
     *
     * @param storage what T stands for
     * @throws IllegalArgumentException where number or type do not fit
     */
    Arguments bind(DType storage, CudaDevice device, Object... arguments) {
        if (arguments.length != parameters.size()) {
            throw new IllegalArgumentException("kernel " + kernel + ": expected " + parameters.size() + " arguments "
                    + parameters + ", got " + arguments.length);
        }
        LongStream.Builder slots = LongStream.builder();
        int[] starts = new int[arguments.length];
        int count = 0;
        for (int i = 0; i < starts.length; i++) {
            starts[i] = count;
            if (arguments[i] instanceof long[] structure
                    && STRUCTURE.matcher(parameters.get(i)).matches()) {
                Arrays.stream(structure).forEach(slots);
                count += structure.length;
            } else {
                slots.add(slot(i, storage, device, arguments[i]));
                count++;
            }
        }
        return new Arguments(slots.build().toArray(), starts);
    }

    private long slot(int i, DType storage, CudaDevice device, Object value) {
        String type = parameters.get(i);
        if (type.endsWith("*")) {
            if (value == null) {
                return 0;
            }
            if (value instanceof Tensor tensor && fits(type, storage, tensor.type())) {
                return device.pointer(tensor);
            }
        } else if (type.equals("long long")
                && value instanceof Number n
                && (n instanceof Long || n instanceof Integer)) {
            return n.longValue();
        } else if (type.equals("int") && value instanceof Integer n) {
            return n;
        } else if (type.equals("float") && value instanceof Float x) {
            return Float.floatToRawIntBits(x) & 0xFFFF_FFFFL;
        } else if (type.equals("double") && value instanceof Double x) {
            return Double.doubleToRawLongBits(x);
        }
        String actual = value instanceof Tensor tensor
                ? "a tensor " + tensor.spec()
                : value == null ? "null" : value.getClass().getSimpleName() + " " + value;
        throw new IllegalArgumentException("kernel " + kernel + ": argument " + i + ": expected " + type + " with T "
                + storage + ", got " + actual);
    }

    private static boolean fits(String pointer, DType storage, DType type) {
        return switch (pointer) {
            case "T*" -> type == storage;
            case "float*" -> type == DType.F32;
            case "bf16*" -> type == DType.BF16;
            case "int*" -> type == DType.I32;
            default -> true;
        };
    }
}
