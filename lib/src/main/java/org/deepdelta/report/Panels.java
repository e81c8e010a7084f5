package org.deepdelta.report;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Small multiples: pictures in a grid, each under its label, as one picture. */
public final class Panels implements Picture {

    private static final int LABEL = 20;

    private record Panel(String label, Picture picture) {}

    private final int columns;
    private final List<Panel> panels = new ArrayList<>();
    private String alt;

    private Panels(int columns) {
        this.columns = columns;
    }

    /** A grid of that many columns, filled row by row. */
    public static Panels columns(int columns) {
        if (columns < 1) {
            throw new IllegalArgumentException("columns: expected at least 1, got " + columns);
        }
        return new Panels(columns);
    }

    /** The next panel, with its label above it, as "β = 0.5". */
    public Panels add(String label, Picture picture) {
        panels.add(new Panel(label, picture));
        return this;
    }

    /** The sentence that describes the whole; without it the panels' own sentences are joined. */
    public Panels alt(String sentence) {
        alt = sentence;
        return this;
    }

    @Override
    public BufferedImage image() {
        List<BufferedImage> images =
                panels.stream().map(p -> p.picture().image()).toList();
        int cellWidth = images.stream().mapToInt(BufferedImage::getWidth).max().orElse(0) / Canvas.SCALE;
        int cellHeight =
                images.stream().mapToInt(BufferedImage::getHeight).max().orElse(0) / Canvas.SCALE + LABEL;
        int rows = (panels.size() + columns - 1) / columns;
        return Canvas.of(cellWidth * Math.min(columns, panels.size()), cellHeight * rows, g -> {
            for (int i = 0; i < images.size(); i++) {
                paint(g, i, images.get(i), cellWidth, cellHeight);
            }
        });
    }

    private void paint(Graphics2D g, int i, BufferedImage image, int cellWidth, int cellHeight) {
        int x = i % columns * cellWidth;
        int y = i / columns * cellHeight;
        g.setColor(Style.INK);
        g.setFont(Style.font(13));
        String label = panels.get(i).label();
        g.drawString(label, x + (cellWidth - g.getFontMetrics().stringWidth(label)) / 2f, y + LABEL - 5f);
        g.drawImage(image, x, y + LABEL, image.getWidth() / Canvas.SCALE, image.getHeight() / Canvas.SCALE, null);
    }

    @Override
    public String alt() {
        return alt != null
                ? alt
                : String.join(
                        "; ",
                        panels.stream()
                                .map(p -> p.label() + ": " + p.picture().alt())
                                .toList());
    }

    @Override
    public String csv() {
        StringBuilder out = new StringBuilder();
        for (Panel panel : panels) {
            List<String> lines = panel.picture().csv().lines().toList();
            if (out.isEmpty()) {
                out.append("panel,").append(lines.get(0)).append('\n');
            }
            for (String line : lines.subList(1, lines.size())) {
                out.append(FigureCsv.quote(panel.label()))
                        .append(',')
                        .append(line)
                        .append('\n');
            }
        }
        return out.toString();
    }
}
