package org.deepdelta.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.StringReader;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.xml.sax.InputSource;

class FigureTest {

    private static final double[] X = {1, 2, 3};

    /** XChart's plot must fill exactly the rectangle that our axes enclose: a point at (hi, hi) is in its corner. */
    @Test
    void pixelsLieWhereTheAxesSay() {
        Figure figure = Figure.of("x", "y")
                .size(400, 300)
                .xRange(0, 10)
                .yRange(0, 10)
                .points("p", new double[] {5, 2.5}, new double[] {5, 7.5});
        Layout layout = new Layout(figure);
        BufferedImage image = figure.image();
        for (double[] at : new double[][] {{0.5, 0.5}, {0.25, 0.75}}) {
            double x = 2 * (layout.left + at[0] * layout.width);
            double y = 2 * (layout.top + (1 - at[1]) * layout.height);
            assertArrayEquals(new double[] {x, y}, centre(image, new Color(0x0072b2), x, y), 1.5);
        }
    }

    @Test
    void oneUnitIsAsLongOnBothAxes() {
        Figure figure = Figure.of("Re", "Im").unitCircle().equalAxes().size(640, 300);
        Layer circle = new Layout(figure).layers.get(0);
        double width = max(circle.x()) - min(circle.x());
        double height = max(circle.y()) - min(circle.y());
        assertEquals(width, height, 0.5);
        assertTrue(height > 150, "height " + height);
    }

    @Test
    void ticksAreRound() {
        assertEquals(List.of("\u22121.0", "\u22120.5", "0", "0.5", "1.0"), labels(new Axis(-1.05, 1.05, false), 5));
        assertEquals(List.of("0", "500", "1000"), labels(new Axis(0, 1200, false), 3));
        assertEquals(List.of("0.001", "0.01", "0.1", "1"), labels(new Axis(0.0004, 3, true), 5));
        assertEquals(List.of("10\u207b\u2075", "10\u207b\u2074", "0.001"), labels(new Axis(9e-6, 0.002, true), 5));
        assertEquals(List.of("1", "2", "5"), labels(new Axis(0.9, 8.5, true), 5));
        assertEquals(List.of("2", "2.1", "2.2"), labels(new Axis(1.99, 2.21, true), 3));
        assertEquals(List.of("0", "1\u00d710\u2079", "2\u00d710\u2079"), labels(new Axis(0, 2.2e9, false), 3));
    }

    @Test
    void aTypicalFigureIsSmall() {
        Random random = new Random(1);
        double[] x = random.doubles(200).toArray();
        double[] y = random.doubles(200).toArray();
        int bytes = Figure.of("gate \u03b2", "loss (nats)")
                .points("a", x, y)
                .points("b", y, x)
                .png()
                .length;
        assertTrue(bytes < 60_000, bytes + " bytes");
    }

    @Test
    void csvHasOneRowAPointAndItsInterval() {
        Figure figure = Figure.of("dv", "gap, nats")
                .runs("a", X, new double[][] {{1, 2, 3}, {1, 1, Double.NaN}})
                .intervals("b", X, X, new double[] {0, 1, 2}, new double[] {2, 3, 4.25})
                .horizontal(0, "none");
        assertEquals(
                """
                series,dv,"gap, nats",low,high
                a run 1,1,1,,
                a run 1,2,2,,
                a run 1,3,3,,
                a run 2,1,1,,
                a run 2,2,1,,
                a run 2,3,,,
                b,1,1,0,2
                b,2,2,1,3
                b,3,3,2,4.25
                """,
                figure.csv());
        Figure bars =
                Figure.categories("layer", "beta", "MLP", "attention").bars("before", new double[] {0.5, 1.0 / 3});
        assertEquals("series,layer,beta\nbefore,MLP,0.5\nbefore,attention,0.333333\n", bars.csv());
        assertEquals(
                "panel,series,layer,beta\nleft,before,MLP,0.5\nleft,before,attention,0.333333\n",
                Panels.columns(1).add("left", bars).csv());
    }

    @Test
    void histogramCountsEveryValue() {
        Figure figure = Figure.of("x", "count").histogram("a", new double[] {0, 0.1, 0.9, 1, Double.NaN}, 2);
        Layer area = figure.layers().get(0);
        assertArrayEquals(new double[] {0, 2, 2, 2, 2, 0}, area.y());
        assertArrayEquals(new double[] {0, 0, 0.5, 0.5, 1, 1}, area.x());
    }

    @Test
    void everyKindIsDrawnInBothForms() throws Exception {
        Figure figure = Figure.of("\u03b2", "\u03bb")
                .band("a", X, new double[] {0, 1, 2}, new double[] {1, 2, 3})
                .runs("a", X, new double[][] {X, X})
                .line("a", X, X)
                .points("b", X, new double[] {3, 2, 1})
                .intervals("c", X, X, new double[] {0.5, 1.5, 2.5}, new double[] {1.5, 2.5, 3.5})
                .histogram("d", X, 3)
                .unitCircle()
                .horizontal(1, "one")
                .vertical(2, "");
        assertEquals(1280, figure.image().getWidth());
        var document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(figure.svg())));
        assertEquals("svg", document.getDocumentElement().getTagName());
        Figure groups = Figure.categories("task", "loss", "copy", "flip")
                .strip("a", new double[][] {{1, 2}, {2, 3}})
                .strip("b", new double[][] {{1}, {2}});
        List<Layer> strips = new Layout(groups).layers;
        assertEquals(4, strips.get(0).x().length);
        assertEquals(2, strips.get(1).x().length);
        assertEquals(640 * 2, Panels.columns(2).add("l", groups).image().getWidth());
        HeatMap map = HeatMap.of("x", "y", "v", new String[] {"a", "b"}, new String[] {"c"}, new double[][] {{1, 2}});
        assertEquals("y \\ x,a,b\nc,1,2\n", map.csv());
        assertEquals(1280, map.image().getWidth());
    }

    /** Sideways the first category is the uppermost row, and an interval lies along the abscissa. */
    @Test
    void sidewaysIsTheReflection() {
        Figure figure = Figure.categories("variant", "difference", "first", "a long name", "last")
                .size(500, 300)
                .yRange(-1, 1)
                .intervals("a", new double[] {0, 2}, new double[] {0.5, 0}, new double[] {0, -1}, new double[] {1, 1})
                .horizontal(0, "none");
        String data = figure.csv();
        Layout layout = new Layout(figure.sideways());
        assertEquals("difference", layout.xLabel);
        assertEquals(
                List.of("last", "a long name", "first"),
                layout.yTicks.stream().map(Axis.Tick::label).toList());
        double row = layout.height / 3.0;
        double unit = layout.width / 2.0;
        Layer guide = layout.layers.get(0);
        assertArrayEquals(new double[] {unit, unit}, guide.x(), 1e-9);
        assertArrayEquals(new double[] {3 * row, 0}, guide.y(), 1e-9);
        Layer strokes = layout.layers.get(1);
        assertArrayEquals(new double[] {unit, 2 * unit, Double.NaN, 0, 2 * unit, Double.NaN}, strokes.x(), 1e-9);
        assertArrayEquals(new double[] {2.5 * row, 2.5 * row}, Arrays.copyOf(strokes.y(), 2), 1e-9);
        assertArrayEquals(new double[] {1.5 * unit, unit}, layout.layers.get(2).x(), 1e-9);
        assertEquals(data, figure.csv());
        assertEquals(1000, figure.image().getWidth());
        assertTrue(figure.svg().contains("a long name"));
    }

    @Test
    void badInputIsRefusedByName() {
        assertMessage("series 'a': expected as many values as abscissae, 3, got 2", () -> Figure.of("x", "y")
                .line("a", X, new double[2]));
        assertMessage("series 'a': expected positive y on a logarithmic axis, got -1.0", () -> Figure.of("x", "y")
                .logY()
                .line("a", X, new double[] {1, -1, 2})
                .image());
        assertMessage("series 'a': expected positive y on a logarithmic axis, got 0.0", () -> Figure.of("x", "y")
                .line("a", X, new double[] {1, 0, 2})
                .logY()
                .svg());
        assertMessage("xRange: expected a low end below the high end, got 2.0 and 1.0", () -> Figure.of("x", "y")
                .xRange(2, 1));
        assertMessage(
                "sideways: expected categories; start with Figure.categories(...)", Figure.of("x", "y")::sideways);
        assertMessage(
                "values: expected shape [1, 2], got [1, 1]",
                () -> HeatMap.of("x", "y", "v", new String[2], new String[1], new double[1][1]));
    }

    private static void assertMessage(String message, Executable code) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, code).getMessage());
    }

    private static List<String> labels(Axis axis, int wanted) {
        return axis.ticks(wanted).stream().map(Axis.Tick::label).toList();
    }

    /** Mean place of the pixels of that colour near a place. */
    private static double[] centre(BufferedImage image, Color colour, double nearX, double nearY) {
        double sx = 0;
        double sy = 0;
        int n = 0;
        for (int y = (int) nearY - 20; y < nearY + 20; y++) {
            for (int x = (int) nearX - 20; x < nearX + 20; x++) {
                if ((image.getRGB(x, y) & 0xffffff) == (colour.getRGB() & 0xffffff)) {
                    sx += x + 0.5;
                    sy += y + 0.5;
                    n++;
                }
            }
        }
        assertTrue(n > 20, "no marker near " + nearX + ", " + nearY);
        return new double[] {sx / n, sy / n};
    }

    private static double max(double[] values) {
        return Arrays.stream(values).max().getAsDouble();
    }

    private static double min(double[] values) {
        return Arrays.stream(values).min().getAsDouble();
    }
}
