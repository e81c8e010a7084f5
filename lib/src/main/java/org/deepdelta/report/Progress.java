package org.deepdelta.report;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * Progress of something long: a bar, what is being done, and the remaining time, in one output of the cell that is
 * updated in place, at most four times a second. Without a notebook it prints one line when it ends. May be called from
 * any thread. In a try-with-resources statement, an exception or an interrupted cell leaves "stopped at 40 %" behind.
 */
public final class Progress implements AutoCloseable {

    private static final long INTERVAL_NANOS = 250_000_000L;

    private final String what;
    private final String id = UUID.randomUUID().toString();
    private final Optional<RunningKernel> kernel = RunningKernel.find();
    private final long start = System.nanoTime();
    private long last = start;
    private double fraction;
    private boolean ended;

    Progress(String what) {
        this.what = what;
        kernel.ifPresent(k -> k.show(running(""), id));
    }

    /**
     * Shows how far it is.
     *
     * @param fraction in 0 to 1
     * @param text what is being done, as "step 30 of 100, loss 2.31"
     * @throws IllegalArgumentException for a fraction outside 0 to 1
     */
    public synchronized void update(double fraction, String text) {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("fraction: expected a number in 0 to 1, got " + fraction);
        }
        this.fraction = fraction;
        long now = System.nanoTime();
        if (!ended && now - last >= INTERVAL_NANOS) {
            last = now;
            kernel.ifPresent(k -> k.update(running(text), id));
        }
    }

    /** Ends it, leaving {@code text} in place of the bar, as "300 steps"; the time taken is shown, but not in plain text. */
    public synchronized void done(String text) {
        end(text.isEmpty() ? "done" : text);
    }

    /** Ends it. */
    public void done() {
        done("");
    }

    /** Ends it if nothing has: at the fraction last seen. */
    @Override
    public synchronized void close() {
        end(fraction >= 1 ? "done" : String.format(Locale.ROOT, "stopped at %.0f %%", 100 * fraction));
    }

    private void end(String text) {
        if (ended) {
            return;
        }
        ended = true;
        String plain = what + ": " + text;
        String html =
                "<div class=\"ddl-progress\">" + Html.escape(plain) + " <span class=\"ddl-time\" style=\"color:#666\">("
                        + time(System.nanoTime() - start) + ")</span></div>";
        Output output = Output.text(plain).with("text/html", html);
        if (kernel.isPresent()) {
            kernel.get().update(output, id);
        } else {
            System.out.println(plain);
        }
    }

    private Output running(String text) {
        double elapsed = System.nanoTime() - start;
        String remaining = fraction > 0.01 ? time((long) (elapsed / fraction * (1 - fraction))) + " left" : "";
        String percent = String.format(Locale.ROOT, "%.0f %%", 100 * fraction);
        String html = "<div class=\"ddl-progress\">" + Html.escape(what) + " <progress max=\"1\" value=\""
                + String.format(Locale.ROOT, "%.3f", fraction) + "\" aria-label=\"" + Html.escape(what)
                + "\"></progress> "
                + percent + " " + Html.escape(text) + " <span style=\"color:#666\">" + remaining + "</span></div>";
        return Output.text(what + ": " + percent + " " + text).with("text/html", html);
    }

    private static String time(long nanos) {
        Duration d = Duration.ofNanos(nanos);
        if (d.toSeconds() < 10) {
            return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
        }
        return d.toMinutes() < 1
                ? d.toSeconds() + " s"
                : String.format(Locale.ROOT, "%d min %02d s", d.toMinutes(), d.toSecondsPart());
    }
}
