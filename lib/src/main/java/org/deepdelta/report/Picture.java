package org.deepdelta.report;

import java.awt.image.BufferedImage;

/** What {@link Display#figure} shows: pixels, a sentence for those who cannot see them, and the data behind them. */
public interface Picture {

    /** The picture at twice its logical size. */
    BufferedImage image();

    /** A sentence that says what is drawn; screen readers read it in place of the picture. */
    String alt();

    /** The data, as CSV with a header line, numbers to 6 significant digits. */
    String csv();
}
