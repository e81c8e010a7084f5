package org.deepdelta.command;

import java.util.concurrent.CountDownLatch;

/** While it is open, Ctrl-C (or SIGTERM) asks the command to stop, and the virtual machine waits until the command has closed it. */
final class CtrlC implements AutoCloseable {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;

    CtrlC(Runnable stop) {
        hook = new Thread(() -> {
            stop.run();
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        System.out.flush();
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the virtual machine is ending: the hook runs, and has just been let go
        }
    }
}
