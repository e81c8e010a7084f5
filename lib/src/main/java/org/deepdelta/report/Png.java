package org.deepdelta.report;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
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

    /**
     * The image with a palette of at most 256 colours; colours are made coarser by whole bits until they fit. Where that
     * would take more than three bits, which shows, the image stays as it is.
     */
    private static BufferedImage indexed(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
        for (int drop = 0; drop < 4; drop++) {
            Map<Integer, Integer> palette = new HashMap<>();
            byte[] index = new byte[pixels.length];
            boolean fits = true;
            for (int i = 0; i < pixels.length && fits; i++) {
                int colour = coarse(pixels[i], drop);
                Integer slot = palette.get(colour);
                if (slot == null) {
                    slot = palette.size();
                    palette.put(colour, slot);
                    fits = slot < 256;
                }
                index[i] = slot.byteValue();
            }
            if (fits) {
                return paint(width, height, palette, index);
            }
        }
        return image;
    }

    private static int coarse(int argb, int drop) {
        int keep = (0xff << drop) & 0xff;
        int half = drop == 0 ? 0 : 1 << (drop - 1);
        int result = argb & 0xff000000;
        for (int shift = 0; shift <= 16; shift += 8) {
            int channel = (argb >> shift) & 0xff;
            int rounded = channel >= keep ? 0xff : Math.min(0xff, (channel + half) & keep);
            result |= rounded << shift;
        }
        return result;
    }

    private static BufferedImage paint(int width, int height, Map<Integer, Integer> palette, byte[] index) {
        int[] colours = new int[palette.size()];
        palette.forEach((colour, slot) -> colours[slot] = colour);
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
