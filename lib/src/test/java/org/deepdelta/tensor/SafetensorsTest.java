package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafetensorsTest {
    @TempDir
    Path folder;

    private Path file(String header, int bytes) throws IOException {
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);
        for (int i = 0; i < bytes; i++) {
            file.put((byte) i);
        }
        return Files.write(folder.resolve("some.safetensors"), file.array());
    }

    private void refused(String header, int bytes, String... parts) throws IOException {
        Path file = file(header, bytes);
        IOException e = assertThrows(IOException.class, () -> Safetensors.open(file), header);
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), () -> "no '" + part + "' in: " + e.getMessage());
        }
    }

    private static String tensor(String name, String shape, String offsets) {
        return "'" + name + "':{'dtype':'I32','shape':" + shape + ",'data_offsets':" + offsets + "}";
    }

    @Test
    void whatIsWrittenIsReadInAnyOrder() throws IOException {
        Device device = Device.cpu();
        Tensor a = device.allocate(Spec.of(DType.F32, Shape.of(2, 3))).set(1, 2, 3, 4, 5, 6);
        Tensor empty = device.allocate(Spec.of(DType.F64, Shape.of(0, 3)));
        Path file = folder.resolve("written.safetensors");
        Safetensors.write(file, Map.of("a", a, "empty", empty), Map.of("who", "zwölf"));
        Safetensors read = Safetensors.open(file);
        assertArrayEquals(a.toDoubles(), read.doubles("a"));
        assertEquals(Shape.of(0, 3), read.shape("empty"));
        assertEquals(Map.of("who", "zwölf"), read.metadata());
        String header = "{" + tensor("b", "[1]", "[4,8]") + "," + tensor("a", "[]", "[0,4]") + "} ";
        assertArrayEquals(
                new double[] {0x07060504}, Safetensors.open(file(header, 8)).doubles("b"));
    }

    @Test
    void refusesTensorsThatOverlapOrLeaveHoles() throws IOException {
        String a = tensor("a", "[2]", "[0,8]");
        refused("{" + a + "," + tensor("b", "[2]", "[4,12]") + "}", 12, "tensor b begins at 4: expected 8");
        refused("{" + a + "," + tensor("b", "[2]", "[0,8]") + "}", 8, "begins at 0: expected 8");
        refused("{" + a + "," + tensor("b", "[1]", "[12,16]") + "}", 16, "tensor b begins at 12: expected 8");
        refused("{" + a + "}", 9, "expected the end of the file, got 1 more bytes");
        refused("{" + a + "}", 7, "data_offsets [0,8]: expected 0 to 7");
        refused("{}", 1, "expected the end of the file");
    }

    @Test
    void refusesNamesThatAreThereTwice() throws IOException {
        String a = tensor("a", "[2]", "[0,8]");
        refused("{" + a + "," + a + "}", 8, "Duplicate field 'a'");
        refused("{'__metadata__':{'k':'1','k':'2'}," + a + "}", 8, "Duplicate field 'k'");
    }

    @Test
    void refusesNumbersThatAreNone() throws IOException {
        refused("{" + tensor("a", "[2.0]", "[0,8]") + "}", 8, "tensor a: shape [2.0]");
        refused("{" + tensor("a", "['2']", "[0,8]") + "}", 8, "tensor a: shape");
        refused("{" + tensor("a", "[-2]", "[0,8]") + "}", 8, "tensor a: shape [-2]");
        refused("{" + tensor("a", "[2]", "[0,8.0]") + "}", 8, "data_offsets [0,8.0]");
        refused("{" + tensor("a", "[2]", "[null,8]") + "}", 8, "data_offsets [null,8]");
        refused("{" + tensor("a", "[18446744073709551618]", "[0,8]") + "}", 8, "tensor a: shape");
        refused("{" + tensor("a", "[4611686018427387904,4]", "[0,8]") + "}", 8, "overflows");
        refused("{" + tensor("a", "[2]", "[0,9223372036854775807]") + "}", 8, "expected 0 to 8");
        refused("{" + tensor("a", "[NaN]", "[0,8]") + "}", 8, "header is not JSON");
        refused("{" + tensor("a", "[3]", "[0,8]") + "}", 8, "takes 12 bytes, data_offsets hold 8");
        refused("{" + tensor("a", "2", "[0,8]") + "}", 8, "expected dtype, shape and two data_offsets");
        refused("{" + tensor("a", "[2]", "{'x':0,'y':8}") + "}", 8, "expected dtype, shape and two data_offsets");
        refused("{" + tensor("a", "[2]", "[0,8]").replace("I32", "I33") + "}", 8, "dtype \"I33\"");
    }

    @Test
    void refusesWhatIsNoHeader() throws IOException {
        refused("[]", 0, "expected a JSON object");
        refused("{} {}", 0, "header is not JSON");
        refused("{'__metadata__':[]}", 0, "__metadata__: expected an object");
        refused("{'__metadata__':{'step':6}}", 0, "__metadata__: step: expected a text, got 6");
        refused("{'__metadata__':{'a':{}}}", 0, "__metadata__: a: expected a text");
        refused("[".repeat(5000), 0, "header is not JSON");
        Path file = file("{'é':1}", 0);
        byte[] bytes = Files.readAllBytes(file);
        bytes[11] = 'x';
        Files.write(file, bytes);
        assertTrue(assertThrows(IOException.class, () -> Safetensors.open(file))
                .getMessage()
                .contains("byte 10: no character of UTF-8"));
        Files.write(file, new byte[7]);
        assertThrows(IOException.class, () -> Safetensors.open(file));
        Files.write(file, new byte[] {-1, -1, -1, -1, -1, -1, -1, 127, '{', '}'});
        assertTrue(assertThrows(IOException.class, () -> Safetensors.open(file))
                .getMessage()
                .contains("header length 9223372036854775807: expected 2 to 2"));
    }

    @Test
    void aShapeOfTooManyElementsIsRefused() {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Shape.of(1L << 32, 1L << 31));
        assertTrue(e.getMessage().contains("[4294967296, 2147483648]"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Shape.of(1L << 62, 1L << 62));
        assertEquals(1L << 62, Shape.of(1L << 31, 1L << 31).size());
        assertEquals(0, Shape.of(0, 1L << 62).size());
    }
}
