package org.deepdelta.kernel;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.util.UUID;

/**
 * What cells can call without an import, named as in IJava: {@code display}, {@code render}, {@code updateDisplay}.
 *
 * <p>Notebooks of this project use the library's own display helper instead, which works on every kernel.
 */
public final class Display {

    private Display() {}

    /** The content as the renderer of its type shows it, or in the MIME types asked for; always also as plain text. */
    public static DisplayData render(Object content, String... mimeTypes) {
        if (content instanceof DisplayData data) {
            return data;
        }
        if (content == null) {
            return new DisplayData("null");
        }
        return mimeTypes.length == 0
                ? kernel().getRenderer().render(content)
                : kernel().getRenderer().renderAs(content, mimeTypes);
    }

    /**
     * Shows content below the cell.
     *
     * @return the id by which {@link #updateDisplay} replaces it
     */
    public static String display(Object content, String... mimeTypes) {
        DisplayData data = render(content, mimeTypes);
        String id =
                data.hasDisplayId() ? data.getDisplayId() : UUID.randomUUID().toString();
        data.setDisplayId(id);
        kernel().display(data);
        return id;
    }

    /** Replaces what {@link #display} showed under this id, in the cell where it was shown. */
    public static void updateDisplay(String id, Object content, String... mimeTypes) {
        kernel().getIO().display.updateDisplay(id, render(content, mimeTypes));
    }

    private static JavaKernel kernel() {
        return JavaKernel.getKernelInstance();
    }
}
