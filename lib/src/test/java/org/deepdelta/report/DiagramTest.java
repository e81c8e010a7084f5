package org.deepdelta.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

final class DiagramTest {
    private static final int WHITE = 0xffffffff;

    private static Diagram two() {
        return Diagram.grid(2, 1)
                .size(400, 100)
                .box("X", 0, 0, 0, "state", "d × dv")
                .box("h", 1, 0, 1, "output");
    }

    @Test
    void anArrowReachesFromEdgeToEdge() {
        BufferedImage without = two().image();
        BufferedImage with = two().arrow("X", "h", "").image();
        int middle = without.getHeight() / 2;
        int between = without.getWidth() / 2;
        assertEquals(WHITE, without.getRGB(between, middle));
        assertNotEquals(WHITE, with.getRGB(between, middle));
        assertEquals(without.getRGB(between / 4, middle / 2), with.getRGB(between / 4, middle / 2));
    }

    @Test
    void arrowsAreItsDataAndGoBetweenKnownBoxes() {
        assertEquals(
                "from,to,label\nX,h,reads\n", two().arrow("X", "h", "reads").csv());
        Exception e = assertThrows(IllegalArgumentException.class, () -> two().arrow("X", "y", ""));
        assertTrue(e.getMessage().contains("expected one of [X, h], got y"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Diagram.grid(0, 1));
    }
}
