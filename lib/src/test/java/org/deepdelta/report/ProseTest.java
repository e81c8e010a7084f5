package org.deepdelta.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProseTest {

    private final Prose prose = new Prose();

    @BeforeEach
    void values() {
        prose.put("gain", 0.3216, 3);
        prose.put("seeds", 5);
        prose.put("p", "0.00001");
        prose.put("price", "$5");
    }

    @Test
    void placesAreFilled() {
        assertEquals(
                "A gain of 0.322 over 5 seeds (5), for $5.",
                prose.fill("A gain of {{gain}} over {{seeds}} seeds ({{seeds}}), for {{price}}."));
        assertEquals(new Printed("p = 0.00001\n", ""), Printed.by(() -> prose.show("p = {{p}}")));
    }

    @Test
    void numbersKeepTheirDigits() {
        prose.put("small", 0.05, 2);
        prose.put("below", -1.5, 1);
        prose.put("nil", -0.1, 0);
        assertEquals("0.05 \u22121.5 0", prose.fill("{{small}} {{below}} {{nil}}"));
    }

    @Test
    void aPlaceWithoutAValueIsRefused() {
        for (String place : List.of("loss", "", "Gain", "gain ")) {
            Exception e = assertThrows(IllegalArgumentException.class, () -> prose.fill("of {{" + place + "}}"));
            assertEquals(
                    "no value " + place + " for this text: expected one of [gain, seeds, p, price]", e.getMessage());
        }
    }

    @Test
    void aLostBackslashIsRefused() {
        Exception e = assertThrows(IllegalArgumentException.class, () -> prose.fill("with $\beta$ near one"));
        assertEquals(
                "a backslash was lost before 'eta$ near one': in a Java string it is written twice", e.getMessage());
        assertEquals("with $\\beta$", prose.fill("with $\\beta$"));
    }

    @Test
    void aNameHasOneValue() {
        prose.put("seeds", 5);
        Exception e = assertThrows(IllegalArgumentException.class, () -> prose.put("seeds", 6));
        assertEquals("value seeds: is '5' already, got '6'", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a gain of 0.322",
                "over 5 seeds",
                "(95 %",
                "+0.18 to",
                "d = 32",
                "**7**",
                "Table 3 has 4 rows",
                "in 1,536 questions",
                "-1",
                "twice (2x)"
            })
    void typedNumbersAreRefused(String text) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> prose.fill(text));
        assertTrue(e.getMessage().startsWith("numbers come from values, but these are typed: ['"), e.getMessage());
    }

    @Test
    void aTypedNumberIsToldWithItsSurroundings() {
        assertEquals(List.of("'0.32' in '...gain was 0.32, of three...'"), Prose.typed("gain was 0.32, of\nthree"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "in Table 3 and Figure 4, see Sec. 5 and 7 of the paper, Sections 3.1 to 3.3, Tables 3 and 4",
                "by Eq. (2.1) and Proposition 2.1",
                "arXiv 2601.00417, arXiv:2601.00417",
                "## 3.1 Results",
                "$\\beta = 2$ and `rate=0.01`",
                "of\n\n$$|k| = 1, \\tag{1}$$\n\nwhere",
                "[Notebook 9](09-state-tasks.ipynb)",
                "Holm (1979) [3, 4]",
                "F1 to F5, CC-4, F32, dv",
                "1. first\n2. second",
                "{{a1}}"
            })
    void whatIsNoResultMayStand(String text) {
        assertEquals(List.of(), Prose.typed(text));
    }
}
