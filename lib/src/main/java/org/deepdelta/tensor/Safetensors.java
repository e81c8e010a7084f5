package org.deepdelta.tensor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Set;
import org.deepdelta.tensor.SafetensorsHeader.Entry;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A file of named tensors in the safetensors format: an 8-byte little-endian header length, a JSON header (name to dtype, shape and
 * data_offsets), then raw little-endian row-major data. Types read and written: F64, F32, I64, I32. Opening reads the header alone; every
 * entry is checked against the file's size before anything is allocated for it.
 */
public final class Safetensors {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MAX_HEADER = 100_000_000;
    private static final int CHUNK = 1 << 20;

    /** The name of the tensor that {@link #writeSealed} ends a file with. */
    public static final String SEAL = "sha256";

    private final Path file;
    private final long data;
    private final SafetensorsHeader header;

    private Safetensors(Path file) throws IOException {
        this.file = file;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < 8) {
                throw broken(0, "expected an 8-byte header length, the file has " + size + " bytes");
            }
            long length = read(channel, 0, 8).getLong();
            if (length < 2 || length > MAX_HEADER || length > size - 8) {
                throw broken(0, "header length " + length + ": expected 2 to " + Math.min(MAX_HEADER, size - 8));
            }
            data = 8 + length;
            header = new SafetensorsHeader(file, read(channel, 8, (int) length), size - data);
        }
    }

    /**
     * Opens a file.
     *
     * @throws IOException naming file, offset and what was expected, if it is not a well-formed safetensors file
     */
    public static Safetensors open(Path file) throws IOException {
        return new Safetensors(file);
    }

    /** The names, in the header's order. */
    public Set<String> names() {
        return header.entries().keySet();
    }

    /** The header's free text. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /** Whether there is a tensor of that name. */
    public boolean has(String name) {
        return header.entries().containsKey(name);
    }

    /** Its axes. */
    public Shape shape(String name) throws IOException {
        return Shape.of(find(name).shape());
    }

    /** Its type as the format writes it: F64, F32, I64 or I32. */
    public String type(String name) throws IOException {
        return find(name).type();
    }

    /**
     * A tensor's elements in row-major order, widened to double.
     *
     * @throws IOException if there is no such tensor
     */
    public double[] doubles(String name) throws IOException {
        Entry entry = find(name);
        ByteBuffer bytes = bytes(entry);
        double[] values = new double[bytes.remaining() / entry.width()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (entry.type()) {
                case "F64" -> bytes.getDouble();
                case "F32" -> bytes.getFloat();
                case "I32" -> bytes.getInt();
                default -> bytes.getLong();
            };
        }
        return values;
    }

    /**
     * A tensor's elements as integers.
     *
     * @throws IOException if there is no such tensor, or a value is not a 32-bit integer
     */
    public int[] ints(String name) throws IOException {
        double[] values = doubles(name);
        int[] ints = new int[values.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = (int) values[i];
            if (ints[i] != values[i]) {
                throw new IOException(file + ": tensor " + name + ": element " + i + " is " + values[i]
                        + ", expected a 32-bit integer");
            }
        }
        return ints;
    }

    /** A tensor as an ND4J array of doubles. */
    public INDArray array(String name) throws IOException {
        double[] values = doubles(name);
        return values.length == 0
                ? Nd4j.empty()
                : Nd4j.createFromArray(values).reshape(find(name).shape());
    }

    /**
     * Overwrites a tensor with the one of that name, bit by bit.
     *
     * @throws IOException if there is none, or type or shape differ
     */
    public void load(String name, Tensor into) throws IOException {
        expect(name, into);
        into.set(bytes(find(name)));
    }

    /**
     * Checks that there is a tensor of that name that {@link #load} would take.
     *
     * @throws IOException if there is none, or type or shape differ
     */
    public void expect(String name, Tensor into) throws IOException {
        Entry entry = find(name);
        Shape shape = Shape.of(entry.shape());
        if (!entry.type().equals(into.type().name()) || !shape.equals(into.shape())) {
            throw new IOException(file + ": tensor " + name + ": expected "
                    + into.type().name() + " " + into.shape() + ", got " + entry.type() + " " + shape);
        }
    }

    /**
     * Checks the whole file against the seal that {@link #writeSealed} put on it.
     *
     * @throws IOException if there is none, or a byte has changed
     */
    public void verifySeal() throws IOException {
        Entry seal = find(SEAL);
        MessageDigest digest = sha256();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long end = data + seal.from();
            if (channel.size() != data + seal.to() || seal.to() - seal.from() != digest.getDigestLength()) {
                throw broken(end, "expected the tensor " + SEAL + " to be the file's last 32 bytes");
            }
            for (long at = 0; at < end; at += CHUNK) {
                digest.update(read(channel, at, (int) Math.min(CHUNK, end - at)));
            }
            if (!read(channel, end, digest.getDigestLength()).equals(ByteBuffer.wrap(digest.digest()))) {
                throw new IOException(
                        file + ": its bytes do not have the SHA-256 at its end: it was changed or damaged");
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private Entry find(String name) throws IOException {
        Entry entry = header.entries().get(name);
        if (entry == null) {
            throw new IOException(file + ": no tensor " + name + "; it holds " + names());
        }
        return entry;
    }

    private ByteBuffer bytes(Entry entry) throws IOException {
        long size = entry.to() - entry.from();
        if (size > Integer.MAX_VALUE) {
            throw broken(data + entry.from(), "a tensor of " + size + " bytes: expected less than 2 GiB");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(channel, data + entry.from(), (int) size);
        }
    }

    private ByteBuffer read(FileChannel channel, long at, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            int n = channel.read(buffer, at + buffer.position());
            if (n < 0) {
                throw broken(
                        at + buffer.position(), "the file ends here, expected " + buffer.remaining() + " more bytes");
            }
        }
        return buffer.flip();
    }

    private IOException broken(long offset, String what) {
        return new IOException(file + ": byte " + offset + ": " + what);
    }

    /**
     * Writes a file; tensors keep their order.
     *
     * @param tensors F64, F32 or I32
     * @param metadata free text for the header
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        write(file, header(tensors, metadata), tensors, null);
    }

    /** Writes a file that ends with the SHA-256 of all bytes before, as a tensor {@value #SEAL} of eight integers. */
    public static void writeSealed(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        ObjectNode header = header(tensors, metadata);
        MessageDigest digest = sha256();
        long at = tensors.values().stream().mapToLong(t -> t.spec().bytes()).sum();
        describe(header, SEAL, DType.I32, Shape.of(digest.getDigestLength() / DType.I32.bytes()), at);
        write(file, header, tensors, digest);
    }

    private static ObjectNode header(Map<String, Tensor> tensors, Map<String, String> metadata) {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode text = root.putObject("__metadata__");
            metadata.forEach(text::put);
        }
        long at = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Spec spec = entry.getValue().spec();
            describe(root, entry.getKey(), spec.type(), spec.shape(), at);
            at += spec.bytes();
        }
        return root;
    }

    private static void describe(ObjectNode root, String name, DType type, Shape shape, long at) {
        ObjectNode node = root.putObject(name);
        node.put("dtype", type.name());
        node.set("shape", JSON.valueToTree(shape.toArray()));
        node.putArray("data_offsets").add(at).add(at + shape.size() * type.bytes());
    }

    private static void write(Path file, ObjectNode header, Map<String, Tensor> tensors, MessageDigest digest)
            throws IOException {
        byte[] json = JSON.writeValueAsBytes(header);
        int padded = (json.length + 7) / 8 * 8;
        ByteBuffer head = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(padded).put(json);
        while (head.hasRemaining()) {
            head.put((byte) ' ');
        }
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(channel, head.flip(), digest);
            for (Tensor tensor : tensors.values()) {
                writeFully(channel, tensor.toBytes(), digest);
            }
            if (digest != null) {
                writeFully(channel, ByteBuffer.wrap(digest.digest()), null);
            }
            channel.force(true);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer, MessageDigest digest) throws IOException {
        if (digest != null) {
            digest.update(buffer.duplicate());
        }
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
