package org.deepdelta.tensor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON header of a {@link Safetensors} file, every number of it checked against the file's size. */
final class SafetensorsHeader {
    private static final int BEGIN = 8;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** What the header says of a tensor: type, axes, and the part of the data that it is. */
    record Entry(String type, long[] shape, long from, long to) {

        /** Bytes of an element. */
        int width() {
            return SafetensorsHeader.width(type);
        }
    }

    private final Path file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    /**
     * Reads a header.
     *
     * @param available bytes of data behind it
     */
    SafetensorsHeader(Path file, ByteBuffer bytes, long available) throws IOException {
        this.file = file;
        int length = bytes.remaining();
        parse(bytes, available);
        expectFilled(BEGIN + length, available);
    }

    Map<String, Entry> entries() {
        return entries;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    private String text(ByteBuffer header) throws IOException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(header).toString();
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": byte " + (BEGIN + header.position()) + ": no character of UTF-8", e);
        }
    }

    private void parse(ByteBuffer bytes, long available) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(text(bytes));
        } catch (JsonProcessingException e) {
            throw broken(BEGIN, "header is not JSON: " + e.getOriginalMessage());
        }
        if (root == null || !root.isObject()) {
            throw broken(BEGIN, "header: expected a JSON object");
        }
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (field.getKey().equals("__metadata__")) {
                metadata(field.getValue());
            } else {
                entries.put(field.getKey(), entry(field.getKey(), field.getValue(), available));
            }
        }
    }

    private void metadata(JsonNode texts) throws IOException {
        if (!texts.isObject()) {
            throw broken(BEGIN, "__metadata__: expected an object of texts, got " + texts);
        }
        for (Map.Entry<String, JsonNode> text : texts.properties()) {
            if (!text.getValue().isTextual()) {
                throw broken(BEGIN, "__metadata__: " + text.getKey() + ": expected a text, got " + text.getValue());
            }
            metadata.put(text.getKey(), text.getValue().textValue());
        }
    }

    private Entry entry(String name, JsonNode node, long available) throws IOException {
        JsonNode shape = node.path("shape");
        JsonNode offsets = node.path("data_offsets");
        String type = node.path("dtype").asText();
        if (!shape.isArray() || !offsets.isArray() || offsets.size() != 2) {
            throw broken(BEGIN, "tensor " + name + ": expected dtype, shape and two data_offsets, got " + node);
        }
        long[] sizes = new long[shape.size()];
        long bytes = width(type);
        if (bytes == 0) {
            throw broken(BEGIN, "tensor " + name + ": dtype \"" + type + "\": expected F64, F32, I64 or I32");
        }
        try {
            for (int i = 0; i < sizes.length; i++) {
                sizes[i] = whole(shape.get(i));
                if (sizes[i] < 0) {
                    throw broken(BEGIN, "tensor " + name + ": shape " + shape);
                }
                bytes = Math.multiplyExact(bytes, sizes[i]);
            }
        } catch (ArithmeticException e) {
            throw broken(BEGIN, "tensor " + name + ": shape " + shape + " overflows");
        }
        long from = whole(offsets.get(0));
        long to = whole(offsets.get(1));
        if (from < 0 || to < from || to > available) {
            throw broken(
                    BEGIN,
                    "tensor " + name + ": data_offsets " + offsets + ": expected 0 to " + available
                            + (from >= 0 && to > from ? ", where the file ends: is it cut short?" : ""));
        }
        if (to - from != bytes) {
            throw broken(
                    BEGIN,
                    "tensor " + name + ": " + type + " " + shape + " takes " + bytes + " bytes, data_offsets hold "
                            + (to - from));
        }
        return new Entry(type, sizes, from, to);
    }

    /** The number, or -1 if it is no whole number of 64 bits. */
    private static long whole(JsonNode number) {
        return number.isIntegralNumber() && number.canConvertToLong() ? number.longValue() : -1;
    }

    /** Tensors lie side by side, as the format says: they neither overlap nor leave a hole. */
    private void expectFilled(long data, long available) throws IOException {
        List<String> names = new ArrayList<>(entries.keySet());
        names.sort(Comparator.comparingLong((String name) -> entries.get(name).from())
                .thenComparingLong(name -> entries.get(name).to()));
        long end = 0;
        for (String name : names) {
            if (entries.get(name).from() != end) {
                throw broken(
                        BEGIN,
                        "tensor " + name + " begins at " + entries.get(name).from() + ": expected " + end
                                + ", where the one before it ends");
            }
            end = entries.get(name).to();
        }
        if (end != available) {
            throw broken(data + end, "expected the end of the file, got " + (available - end) + " more bytes");
        }
    }

    /** Bytes of an element; 0 for a type that is not read. */
    private static int width(String type) {
        return switch (type) {
            case "F64", "I64" -> 8;
            case "F32", "I32" -> 4;
            default -> 0;
        };
    }

    private IOException broken(long offset, String what) {
        return new IOException(file + ": byte " + offset + ": " + what);
    }
}
