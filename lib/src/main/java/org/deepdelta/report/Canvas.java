package org.deepdelta.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.function.Consumer;

/** A white image at twice the logical size, for displays of high density and for print. */
final class Canvas {

    static final int SCALE = 2;

    private Canvas() {}

    /**
     * Paints at logical size.
     *
     * @throws IllegalStateException where the machine has no fonts
     */
    static BufferedImage of(int width, int height, Consumer<Graphics2D> painter) {
        BufferedImage image = new BufferedImage(width * SCALE, height * SCALE, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        try {
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            g.scale(SCALE, SCALE);
            g.setColor(Color.WHITE);
            g.fillRect(0, 0, width, height);
            painter.accept(g);
        } catch (InternalError | LinkageError e) {
            throw new IllegalStateException(
                    "Java finds no fonts to draw with: install fontconfig and a font (Debian and Ubuntu: apt-get install"
                            + " fontconfig fonts-dejavu-core; conda: conda install fontconfig font-ttf-dejavu-sans-mono)",
                    e);
        } finally {
            g.dispose();
        }
        return image;
    }
}
