package org.deepdelta.report;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * PNG bytes of an image, complete (the encoders of public Java kernels drop the last two bytes) and small: charts have
 * few colours, so they are stored with a palette.
 */
final class Png {

    private static final int[] SIGNATURE = {0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a};

    private Png() {}

    static byte[] encode(BufferedImage image) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(indexed(image), "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Width in pixels, from the header. */
    static int width(byte[] png) {
        for (int i = 0; i < SIGNATURE.length; i++) {
            if (png.length < 24 || (png[i] & 0xff) != SIGNATURE[i]) {
                throw new IllegalArgumentException("png: expected the bytes of a PNG file, got " + png.length
                        + " bytes that do not start with its signature");
            }
        }
        return ByteBuffer.wrap(png).getInt(16);
    }

    /** The image with a palette of its 256 most frequent colours, the others replaced by the nearest of these. */
    private static BufferedImage indexed(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
        Map<Integer, Integer> counts = new HashMap<>();
        for (int pixel : pixels) {
            counts.merge(pixel, 1, Integer::sum);
        }
        List<Integer> frequent = counts.entrySet().stream()
                .sorted(Map.Entry.<Integer, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(256)
                .map(Map.Entry::getKey)
                .toList();
        Map<Integer, Integer> slots = new HashMap<>();
        counts.keySet().forEach(colour -> slots.put(colour, nearest(colour, frequent)));
        byte[] index = new byte[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            index[i] = slots.get(pixels[i]).byteValue();
        }
        return paint(width, height, frequent, index);
    }

    private static int nearest(int colour, List<Integer> palette) {
        int best = 0;
        int least = Integer.MAX_VALUE;
        for (int slot = 0; slot < palette.size(); slot++) {
            int other = palette.get(slot);
            int distance = 0;
            for (int shift = 0; shift <= 16; shift += 8) {
                int difference = (colour >> shift & 0xff) - (other >> shift & 0xff);
                distance += difference * difference;
            }
            if (distance < least) {
                least = distance;
                best = slot;
            }
        }
        return best;
    }

    private static BufferedImage paint(int width, int height, List<Integer> palette, byte[] index) {
        int[] colours = palette.stream().mapToInt(colour -> colour).toArray();
        int bits = colours.length <= 16 ? 4 : 8;
        IndexColorModel model = new IndexColorModel(bits, colours.length, colours, 0, true, -1, 0);
        BufferedImage result = new BufferedImage(
                width, height, bits == 4 ? BufferedImage.TYPE_BYTE_BINARY : BufferedImage.TYPE_BYTE_INDEXED, model);
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                row[x] = index[y * width + x] & 0xff;
            }
            result.getRaster().setPixels(0, y, width, 1, row);
        }
        return result;
    }
}
