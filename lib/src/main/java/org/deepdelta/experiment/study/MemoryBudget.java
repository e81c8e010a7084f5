package org.deepdelta.experiment.study;

/** Lets runs begin as long as all of them together stay below a limit. */
final class MemoryBudget {
    private static final long MIB = 1 << 20;

    private final long limit;
    private long taken;

    MemoryBudget(long bytes) {
        limit = bytes;
    }

    /**
     * Waits until a run fits.
     *
     * @return what is to be given back
     * @throws IllegalArgumentException if it would not fit alone
     */
    synchronized long take(Run run, long bytes) {
        if (bytes > limit) {
            throw new IllegalArgumentException("memory: " + run.describe() + " takes " + (bytes + MIB - 1) / MIB
                    + " MiB, expected at most " + limit / MIB);
        }
        boolean interrupted = false;
        while (taken + bytes > limit) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        taken += bytes;
        return bytes;
    }

    synchronized void giveBack(long bytes) {
        taken -= bytes;
        notifyAll();
    }
}
