package org.deepdelta.report;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Frames that Java computed, under a slider: one self-contained piece of HTML. The slider is a native range input, so
 * arrow keys work; a button plays the frames. In print, and where scripts do not run, it is small multiples of some
 * of the frames.
 */
public final class Frames {

    /** The parts of its drawing between {@code open} and {@code close}; frames share those that are equal. */
    record Frame(String label, String open, List<String> parts, String close) {}

    private final String alt;
    private final List<Frame> frames = new ArrayList<>();
    private int printed = 6;
    private int first;

    private Frames(String alt) {
        this.alt = alt;
    }

    /** An empty sequence; {@code alt} is the sentence that says what moves, for those who cannot see it. */
    public static Frames of(String alt) {
        return new Frames(alt);
    }

    /** The next frame, under its label ("β = 0.5"). Fix both ranges of the figure, or the axes jump. */
    public Frames add(String label, Figure figure) {
        FigureSvg svg = new FigureSvg(figure);
        frames.add(new Frame(label, svg.open(), svg.parts(), "</svg>"));
        return this;
    }

    /** The next frame from an SVG document with a viewBox. */
    public Frames add(String label, String svg) {
        frames.add(new Frame(label, svg, List.of(), ""));
        return this;
    }

    /** The next frame from an image at twice its logical size; larger than a figure's frame. */
    public Frames add(String label, BufferedImage image) {
        String data = Base64.getEncoder().encodeToString(Png.encode(image));
        return add(
                label,
                "<img alt=\"" + Html.escape(label) + "\" width=\"" + image.getWidth() / Canvas.SCALE
                        + "\" src=\"data:image/png;base64," + data + "\">");
    }

    /** How many frames print shows, first and last among them; 6 unless said otherwise. */
    public Frames print(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("print: expected at least 1 frame, got " + count);
        }
        printed = count;
        return this;
    }

    /** The frame shown at first, counted from 0. */
    public Frames start(int frame) {
        first = frame;
        return this;
    }

    /** The sentence that says what moves. */
    public String alt() {
        return alt;
    }

    /** The piece of HTML. */
    public String html() {
        if (frames.isEmpty() || first < 0 || first >= frames.size()) {
            throw new IllegalStateException("frames: expected at least one, and the first shown among them, got "
                    + frames.size() + " and " + first);
        }
        return new FramesPage(alt, frames, printed, first).html();
    }
}
