package org.deepdelta.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Boxes on a grid and arrows between them: how data flows. A box is named when it is made, and arrows go by these names. */
public final class Diagram implements Picture {
    private static final double SPACING = 0.16;
    private static final double HEAD = 8;
    private static final double CORNER = 10;
    private static final double LINE = 16;

    private record Box(double x, double y, String[] lines, int style) {}

    private record Arrow(String from, String to, String label) {}

    private final int columns;
    private final int rows;
    private final Map<String, Box> boxes = new LinkedHashMap<>();
    private final List<Arrow> arrows = new ArrayList<>();
    private int width = 760;
    private int height = 260;
    private String alt = "";

    private Diagram(int columns, int rows) {
        this.columns = columns;
        this.rows = rows;
    }

    /** An empty grid; its cells are counted from the upper left, from 0. */
    public static Diagram grid(int columns, int rows) {
        if (columns < 1 || rows < 1) {
            throw new IllegalArgumentException("grid: expected at least 1 by 1, got " + columns + " by " + rows);
        }
        return new Diagram(columns, rows);
    }

    /** Logical size; 760 by 260 unless said otherwise. */
    public Diagram size(int newWidth, int newHeight) {
        width = newWidth;
        height = newHeight;
        return this;
    }

    /**
     * A box at a cell (fractions lie between cells), in a colour of the house palette.
     *
     * @param name for arrows
     * @param style index of the colour; negative for grey
     * @param lines its text, the first line heavier
     */
    public Diagram box(String name, double column, double row, int style, String... lines) {
        boxes.put(name, new Box(column, row, lines.clone(), style));
        return this;
    }

    /**
     * A straight arrow from the edge of one box to the edge of another.
     *
     * @param label above its middle, or right of it where it is steep; may be empty
     * @throws IllegalArgumentException if a box of that name was not made before
     */
    public Diagram arrow(String from, String to, String label) {
        for (String name : List.of(from, to)) {
            if (!boxes.containsKey(name)) {
                throw new IllegalArgumentException("arrow: expected one of " + boxes.keySet() + ", got " + name);
            }
        }
        arrows.add(new Arrow(from, to, label));
        return this;
    }

    /** The sentence that describes it. */
    public Diagram alt(String sentence) {
        alt = sentence;
        return this;
    }

    @Override
    public BufferedImage image() {
        return Canvas.of(width, height, g -> {
            arrows.forEach(arrow -> paint(g, arrow));
            boxes.values().forEach(box -> paint(g, box));
        });
    }

    private double cellWidth() {
        return width / (double) columns;
    }

    private double cellHeight() {
        return height / (double) rows;
    }

    private RoundRectangle2D outline(Box box) {
        double w = cellWidth() * (1 - 2 * SPACING);
        double h = cellHeight() * (1 - 2 * SPACING);
        double x = (box.x() + SPACING) * cellWidth();
        double y = (box.y() + SPACING) * cellHeight();
        return new RoundRectangle2D.Double(x, y, w, h, CORNER, CORNER);
    }

    private void paint(Graphics2D g, Box box) {
        RoundRectangle2D outline = outline(box);
        g.setColor(Color.WHITE);
        g.fill(outline);
        g.setColor(Style.clear(box.style(), Style.BAND));
        g.fill(outline);
        g.setColor(Style.colour(box.style()));
        g.setStroke(new BasicStroke(1.5f));
        g.draw(outline);
        double top = outline.getCenterY() - (box.lines().length - 1) * LINE / 2;
        for (int i = 0; i < box.lines().length; i++) {
            g.setFont(Style.font(i == 0 ? Layout.TITLE : Layout.TEXT));
            text(g, box.lines()[i], outline.getCenterX(), top + i * LINE + 4.5);
        }
    }

    private void paint(Graphics2D g, Arrow arrow) {
        RoundRectangle2D from = outline(boxes.get(arrow.from()));
        RoundRectangle2D to = outline(boxes.get(arrow.to()));
        double dx = to.getCenterX() - from.getCenterX();
        double dy = to.getCenterY() - from.getCenterY();
        double length = Math.hypot(dx, dy);
        double start = edge(from, dx, dy);
        double end = 1 - edge(to, dx, dy);
        double x = from.getCenterX() + end * dx;
        double y = from.getCenterY() + end * dy;
        double ux = dx / length;
        double uy = dy / length;
        g.setColor(Style.INK);
        g.setStroke(new BasicStroke(1.5f));
        g.draw(new Line2D.Double(
                from.getCenterX() + start * dx, from.getCenterY() + start * dy, x - HEAD * ux, y - HEAD * uy));
        Path2D head = new Path2D.Double();
        head.moveTo(x, y);
        head.lineTo(x - HEAD * ux - HEAD / 2 * uy, y - HEAD * uy + HEAD / 2 * ux);
        head.lineTo(x - HEAD * ux + HEAD / 2 * uy, y - HEAD * uy - HEAD / 2 * ux);
        head.closePath();
        g.fill(head);
        g.setFont(Style.font(Layout.TEXT));
        double middle = (start + end) / 2;
        boolean steep = Math.abs(dy) > Math.abs(dx);
        double aside = steep ? 6 + g.getFontMetrics().stringWidth(arrow.label()) / 2.0 : 0;
        text(
                g,
                arrow.label(),
                from.getCenterX() + middle * dx + aside,
                from.getCenterY() + middle * dy + (steep ? 4.5 : -6));
    }

    /** Where on the way from the middle of a box in that direction its edge lies, as a part of the way. */
    private static double edge(RoundRectangle2D box, double dx, double dy) {
        double across = dx == 0 ? Double.MAX_VALUE : box.getWidth() / 2 / Math.abs(dx);
        double along = dy == 0 ? Double.MAX_VALUE : box.getHeight() / 2 / Math.abs(dy);
        return Math.min(across, along);
    }

    private static void text(Graphics2D g, String text, double x, double y) {
        g.setColor(Style.INK);
        g.drawString(text, (float) (x - g.getFontMetrics().stringWidth(text) / 2.0), (float) y);
    }

    @Override
    public String alt() {
        return alt;
    }

    /** The arrows, a line each. */
    @Override
    public String csv() {
        StringBuilder out = new StringBuilder("from,to,label\n");
        for (Arrow arrow : arrows) {
            out.append(FigureCsv.quote(arrow.from()))
                    .append(',')
                    .append(FigureCsv.quote(arrow.to()))
                    .append(',')
                    .append(FigureCsv.quote(arrow.label()))
                    .append('\n');
        }
        return out.toString();
    }
}
