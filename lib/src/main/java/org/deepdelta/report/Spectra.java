package org.deepdelta.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deepdelta.operator.Spectrum;

/**
 * Eigenvalues in the complex plane, panels side by side, each with the unit circle, coloured by depth from pale to dark:
 * where eigenvalues go as a network gets deeper. In every panel a dot marks +1, where the additive shortcut has
 * all of its eigenvalues.
 */
public final class Spectra implements Picture {

    private static final int SIDE = 220;
    private static final int LABEL = 22;
    private static final int SCALE_BAR = 44;
    private static final double RANGE = 1.13;
    private static final Color ADDITIVE = new Color(0xd55e00);

    /** Pale green to dark blue, with falling lightness: it keeps its order in grey and for the colour-blind. */
    private static final int[] RAMP = {0xc2e699, 0x8fd18b, 0x52bfae, 0x2a9fc4, 0x2678b5, 0x22519f, 0x0c2c84};

    private record Point(int depth, Spectrum spectrum) {}

    private final Map<String, List<Point>> panels = new LinkedHashMap<>();
    private final String alt;

    private Spectra(String alt) {
        this.alt = alt;
    }

    /** An empty picture; {@code alt} is the sentence for those who cannot see it. */
    public static Spectra of(String alt) {
        return new Spectra(alt);
    }

    /** Adds the spectrum of a product of {@code depth} shortcuts, at least 1, to the panel of that label. */
    public Spectra add(String panel, int depth, Spectrum spectrum) {
        if (depth < 1) {
            throw new IllegalArgumentException("depth: expected at least 1, got " + depth);
        }
        panels.computeIfAbsent(panel, p -> new ArrayList<>()).add(new Point(depth, spectrum));
        return this;
    }

    @Override
    public BufferedImage image() {
        if (panels.isEmpty()) {
            throw new IllegalStateException("spectra: expected at least one panel, got none");
        }
        return Canvas.of(SIDE * panels.size(), LABEL + SIDE + SCALE_BAR, g -> {
            int x = 0;
            for (Map.Entry<String, List<Point>> panel : panels.entrySet()) {
                g.translate(x, 0);
                paint(g, panel.getKey(), panel.getValue());
                g.translate(-x, 0);
                x += SIDE;
            }
            paintScale(g);
        });
    }

    /** As a PNG file at twice the logical size. */
    public byte[] png() {
        return Png.encode(image());
    }

    @Override
    public String alt() {
        return alt;
    }

    /** One row an eigenvalue of the closed upper half plane; the others are their conjugates. Four digits. */
    @Override
    public String csv() {
        StringBuilder out = new StringBuilder("panel,depth,re,im\n");
        panels.forEach((label, points) -> points.forEach(p -> {
            for (int i = 0; i < p.spectrum().size(); i++) {
                if (p.spectrum().im()[i] >= 0) {
                    out.append(FigureCsv.quote(label)).append(',').append(p.depth());
                    out.append(String.format(
                            Locale.ROOT,
                            ",%.4f,%.4f\n",
                            p.spectrum().re()[i] + 0.0,
                            p.spectrum().im()[i] + 0.0));
                }
            }
        }));
        return out.toString();
    }

    private void paint(Graphics2D g, String label, List<Point> points) {
        g.setFont(Style.font(14));
        g.setColor(Style.INK);
        g.drawString(label, (SIDE - g.getFontMetrics().stringWidth(label)) / 2f, LABEL - 6f);
        double unit = SIDE / 2.0 / RANGE;
        double cx = SIDE / 2.0;
        double cy = LABEL + SIDE / 2.0;
        g.setStroke(new BasicStroke(0.7f));
        g.setColor(Style.GRID);
        g.draw(new Line2D.Double(cx - SIDE / 2.0 + 4, cy, cx + SIDE / 2.0 - 4, cy));
        g.draw(new Line2D.Double(cx, cy - SIDE / 2.0 + 4, cx, cy + SIDE / 2.0 - 4));
        g.setColor(Style.GUIDE);
        g.draw(new Ellipse2D.Double(cx - unit, cy - unit, 2 * unit, 2 * unit));
        g.setFont(Style.font(10));
        g.drawString("\u22121", (float) (cx - unit) + 4, (float) cy - 4);
        g.drawString("i", (float) cx + 4, (float) (cy - unit) + 13);
        int deepest = deepest();
        for (Point p :
                points.stream().sorted(Comparator.comparingInt(Point::depth)).toList()) {
            g.setColor(colour(p.depth(), deepest));
            double r = p.depth() == deepest ? 2 : 0.9;
            for (int i = 0; i < p.spectrum().size(); i++) {
                dot(
                        g,
                        cx + unit * p.spectrum().re()[i],
                        cy - unit * p.spectrum().im()[i],
                        r);
            }
        }
        g.setColor(Color.WHITE);
        dot(g, cx + unit, cy, 5.5);
        g.setColor(ADDITIVE);
        dot(g, cx + unit, cy, 4.2);
    }

    private void paintScale(Graphics2D g) {
        int width = SIDE * panels.size();
        int deepest = deepest();
        int bar = Math.min(200, width / 3);
        double left = width / 2.0 - bar;
        double y = LABEL + SIDE + 16;
        g.setFont(Style.font(12));
        for (int i = 0; i < bar; i++) {
            g.setColor(ramp(i / (bar - 1.0)));
            g.fillRect((int) left + i, (int) y, 1, 9);
        }
        g.setColor(Style.INK);
        String from = "1";
        String to = deepest + " shortcuts";
        g.drawString(from, (float) left - g.getFontMetrics().stringWidth(from) - 5, (float) y + 9);
        g.drawString(to, (float) left + bar + 5, (float) y + 9);
        float right = (float) left + bar + 5 + g.getFontMetrics().stringWidth(to) + 32;
        g.setColor(ADDITIVE);
        dot(g, right, y + 4.5, 4.2);
        g.setColor(Style.INK);
        g.drawString("additive shortcut, any depth", right + 9, (float) y + 9);
    }

    private int deepest() {
        return panels.values().stream()
                .flatMap(List::stream)
                .mapToInt(Point::depth)
                .max()
                .orElse(1);
    }

    private static void dot(Graphics2D g, double x, double y, double r) {
        g.fill(new Ellipse2D.Double(x - r, y - r, 2 * r, 2 * r));
    }

    private static Color colour(int depth, int deepest) {
        return ramp(deepest == 1 ? 1 : (depth - 1.0) / (deepest - 1));
    }

    private static Color ramp(double t) {
        double x = t * (RAMP.length - 1);
        int i = Math.min(RAMP.length - 2, (int) x);
        Color a = new Color(RAMP[i]);
        Color b = new Color(RAMP[i + 1]);
        return new Color(
                mix(a.getRed(), b.getRed(), x - i),
                mix(a.getGreen(), b.getGreen(), x - i),
                mix(a.getBlue(), b.getBlue(), x - i));
    }

    private static int mix(int a, int b, double t) {
        return (int) Math.round(a + t * (b - a));
    }
}
