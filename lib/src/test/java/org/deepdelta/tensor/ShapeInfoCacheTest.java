package org.deepdelta.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.ShapeInfoProvider;
import org.nd4j.linalg.cpu.nativecpu.DirectShapeInfoProvider;
import org.nd4j.linalg.factory.Nd4j;

final class ShapeInfoCacheTest {
    private final ShapeInfoCache cache = new ShapeInfoCache();

    private static List<Pair<DataBuffer, long[]>> all(ShapeInfoProvider provider) {
        List<Pair<DataBuffer, long[]>> all = new ArrayList<>();
        for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE, DataType.INT32)) {
            for (boolean empty : new boolean[] {false, true}) {
                all.add(provider.createShapeInformation(new long[] {2, 3}, new long[] {3, 1}, 1, 'c', type, empty));
                all.add(provider.createShapeInformation(new long[] {2, 3}, new long[] {1, 2}, 1, 'f', type, empty));
                all.add(provider.createShapeInformation(new long[] {3, 2}, new long[] {1, 3}, 0, 'c', type, empty));
                all.add(provider.createShapeInformation(new long[] {2, 3}, new long[] {6, 2}, 2, 'c', type, empty));
            }
        }
        long extras = all.get(0).getSecond()[5];
        all.add(provider.createShapeInformation(new long[] {4}, new long[] {1}, 1, 'c', extras));
        return all;
    }

    @Test
    void descriptionsAreNd4js() {
        List<Pair<DataBuffer, long[]>> expected = all(new DirectShapeInfoProvider());
        List<Pair<DataBuffer, long[]>> found = all(cache);
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i).getSecond(), found.get(i).getSecond(), "description " + i);
            assertArrayEquals(
                    expected.get(i).getFirst().asLong(), found.get(i).getFirst().asLong(), "buffer " + i);
        }
    }

    @Test
    void eachIsMadeOnce() {
        List<Pair<DataBuffer, long[]>> first = all(cache);
        List<Pair<DataBuffer, long[]>> again = all(cache);
        for (int i = 0; i < first.size(); i++) {
            assertSame(first.get(i), again.get(i), "description " + i);
        }
        cache.purgeCache();
        assertNotSame(first.get(0), all(cache).get(0));
    }

    @Test
    void laterChangesOfTheCallersArraysDoNotMatter() {
        long[] shape = {2, 3};
        long[] stride = {3, 1};
        Pair<DataBuffer, long[]> first = cache.createShapeInformation(shape, stride, 1, 'c', DataType.FLOAT, false);
        shape[0] = 5;
        assertNotSame(first, cache.createShapeInformation(shape, stride, 1, 'c', DataType.FLOAT, false));
        assertSame(
                first,
                cache.createShapeInformation(new long[] {2, 3}, new long[] {3, 1}, 1, 'c', DataType.FLOAT, false));
    }

    /** In a virtual machine of its own: here ND4J may have started before the first device. */
    @Test
    void aDeviceHasNd4jTakeIt() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        java, "-cp", System.getProperty("java.class.path"), ShapeInfoCacheTest.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(ShapeInfoCache.class.getName(), said.strip());
    }

    /** Says whose descriptions ND4J takes once there is a device. */
    public static void main(String[] args) {
        Device device = Device.reference();
        System.out.println(
                device == null
                        ? "no device"
                        : Nd4j.getShapeInfoProvider().getClass().getName());
        System.exit(0);
    }
}
