package org.deepdelta.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Handwritten digits: MNIST (LeCun, Cortes, Burges 1998; CC BY-SA 3.0), 60,000 pictures of 28 x 28 grey levels to train on and 10,000 by
 * other writers to test on, as the Apache-licensed package {@code rapaio-datasets} ships them (12.7 MB; see {@link CorpusJar}).
 *
 * @param train to train on
 * @param test to test on
 */
public record Digits(Examples train, Examples test) {
    /** Pixels a side. */
    public static final int SIDE = 28;

    /** The jar that holds them. */
    public static final CorpusJar JAR = new CorpusJar(
            "io.github.padreati:rapaio-datasets:8.1.0:jar",
            "6c7e11d72c008274b8d5483ebc4db91bba400704e65dfe305ab2fb1cb3d9a56e");

    private static final String FOLDER = "rapaio/provider/datasets/mnist/";
    private static final int CLASSES = 10;

    /**
     * Finds and reads the jar.
     *
     * @param block pixels a side of the blocks that are averaged, rounded to the nearest grey level; 1 for the pictures as they are
     * @return examples of (28 / block)^2 features, row after row of the picture
     * @throws DataException if the jar is missing, naming the command that gets it, or is not the expected one
     * @throws IllegalArgumentException if 28 is no multiple of the block
     */
    public static Digits load(int block) {
        return load(CorpusJar.folder(), block);
    }

    /**
     * Reads the jar.
     *
     * @param folder where it lies
     * @param block as in {@link #load(int)}
     * @return as {@link #load(int)}
     */
    public static Digits load(Path folder, int block) {
        if (block < 1 || SIDE % block != 0) {
            throw new IllegalArgumentException("block: expected a divisor of " + SIDE + ", got " + block);
        }
        CorpusJar.require("the digits' data set", folder, List.of(JAR));
        Map<String, byte[]> files = files(JAR.read(folder));
        return new Digits(examples(files, "train", block), examples(files, "t10k", block));
    }

    private static Map<String, byte[]> files(byte[] jar) {
        Map<String, byte[]> files = new HashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(jar))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().startsWith(FOLDER) && !entry.isDirectory()) {
                    String name = entry.getName().substring(FOLDER.length());
                    files.put(name, new GZIPInputStream(zip).readAllBytes());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private static Examples examples(Map<String, byte[]> files, String part, int block) {
        byte[] pixels = content(files, part + "-images-idx3-ubyte.gz", 3);
        byte[] labels = content(files, part + "-labels-idx1-ubyte.gz", 1);
        int side = SIDE / block;
        return new Examples(side * side, 256, CLASSES, block == 1 ? pixels : averaged(pixels, block), labels);
    }

    /** What follows the header of an IDX file: 4 bytes of type, 4 for the size of each axis. */
    private static byte[] content(Map<String, byte[]> files, String name, int axes) {
        ByteBuffer file = ByteBuffer.wrap(files.get(name)).position(4 * (axes + 1));
        byte[] content = new byte[file.remaining()];
        file.get(content);
        return content;
    }

    private static byte[] averaged(byte[] pixels, int block) {
        int side = SIDE / block;
        int area = block * block;
        byte[] means = new byte[pixels.length / area];
        for (int i = 0; i < means.length; i++) {
            int corner = i / (side * side) * SIDE * SIDE + i / side % side * block * SIDE + i % side * block;
            int sum = 0;
            for (int j = 0; j < area; j++) {
                sum += pixels[corner + j / block * SIDE + j % block] & 0xFF;
            }
            means[i] = (byte) ((sum + area / 2) / area);
        }
        return means;
    }
}
