package org.deepdelta.command;

import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/** Ctrl-C (or SIGTERM) while a command works: it is asked to stop, and the virtual machine ends when it has said and kept what it wanted to. */
final class CtrlC {
    private CtrlC() {}

    /**
     * Does some work.
     *
     * @param stop asks the work to end; called from another thread, at most once
     * @param work to be done, with all that it prints
     * @return what the work gives
     */
    static <T> T during(Runnable stop, Supplier<T> work) {
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = new Thread(() -> {
            stop.run();
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return work.get();
        } finally {
            System.out.flush();
            ended.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // the virtual machine is ending: the hook runs, and has just been let go
            }
        }
    }
}
