package org.deepdelta.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.util.HashSet;
import java.util.Set;
import org.deepdelta.operator.Spectrum;
import org.junit.jupiter.api.Test;

class SpectraTest {

    private static final Spectrum PAIR = new Spectrum(new double[] {0, 0, 0.5}, new double[] {0.5, -0.5, 0});

    @Test
    void theDataAreTheUpperHalfPlane() {
        Spectra spectra = Spectra.of("alt").add("β = 1", 1, PAIR).add("β = 2", 3, PAIR);
        assertEquals(
                "panel,depth,re,im\nβ = 1,1,0.5000,0.0000\nβ = 1,1,0.0000,0.5000\n"
                        + "β = 2,3,0.5000,0.0000\nβ = 2,3,0.0000,0.5000\n",
                spectra.csv());
    }

    @Test
    void eachPanelIsAsWideAndTheRampKeepsItsColours() {
        BufferedImage one = Spectra.of("alt").add("a", 1, PAIR).image();
        Spectra two = Spectra.of("alt").add("a", 1, PAIR).add("b", 64, PAIR);
        assertEquals(2 * one.getWidth(), two.image().getWidth());
        assertEquals(one.getHeight(), two.image().getHeight());
        Set<Integer> colours = new HashSet<>();
        for (int x = 0; x < two.image().getWidth(); x++) {
            colours.add(two.image().getRGB(x, two.image().getHeight() - 48));
        }
        assertTrue(colours.size() > 50, () -> "only " + colours.size() + " colours in the scale");
        assertTrue(two.png().length > 1000);
    }

    @Test
    void badInputIsNamed() {
        assertThrows(IllegalStateException.class, () -> Spectra.of("alt").image());
        assertThrows(IllegalArgumentException.class, () -> Spectra.of("alt").add("a", 0, PAIR));
    }
}
