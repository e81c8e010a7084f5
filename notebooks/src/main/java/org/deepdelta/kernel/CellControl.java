package org.deepdelta.kernel;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import jdk.jshell.execution.LocalExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/**
 * Runs snippets in this JVM, one after the other in one thread that an interrupt can end.
 *
 * <p>All snippets share the thread (what belongs to a thread in one cell can be used in the next), unlike in JShell's
 * own control, which also waits for every thread that a snippet started. The value of a snippet is kept as an object,
 * not as the text that JShell would pass on.
 *
 * <p>An interrupt comes in three steps. The thread is interrupted. Where that does not end the snippet, its loops are
 * broken: up to Java 19 by {@code Thread.stop}, later by the check that JShell compiles into the loops of snippets.
 * A snippet that runs its own code gets half a second before that, library code ten (a trainer may be writing its
 * checkpoint). Five seconds later a snippet that is still alive is left behind as a daemon thread.
 */
final class CellControl extends LocalExecutionControl {

    private static final long POLL_MS = 50;
    private static final long SNIPPET_GRACE_MS = 500;
    private static final long LIBRARY_GRACE_MS = 10_000;
    private static final long FORCED_GRACE_MS = 5_000;

    private final Field breakLoops = findBreakLoops();
    private ExecutorService executor = newExecutor();
    private Object value;
    private volatile Future<Object> task;
    private volatile Thread thread;
    private volatile boolean interrupted;
    private volatile boolean forced;

    /** A provider of this control and no other. */
    ExecutionControlProvider provider() {
        return new ExecutionControlProvider() {
            @Override
            public String name() {
                return "cell";
            }

            @Override
            public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
                return CellControl.this;
            }
        };
    }

    /** The value of the snippet that ran last, null if it had none; it is given out once. */
    Object takeValue() {
        Object taken = value;
        value = null;
        return taken;
    }

    /** Forgets earlier interrupts; called when a cell begins. */
    void begin() {
        interrupted = false;
        takeValue();
    }

    /** Whether the current cell was interrupted. */
    boolean interrupted() {
        return interrupted;
    }

    /** Interrupts the running cell; a second call while it still runs breaks its loops at once. */
    void interrupt() {
        boolean again = interrupted;
        interrupted = true;
        Future<Object> running = task;
        Thread target = thread;
        if (target != null) {
            target.interrupt();
        }
        if (again) {
            force();
        } else if (running != null) {
            Thread watch = new Thread(() -> enforce(running), "interrupt");
            watch.setDaemon(true);
            watch.start();
        }
    }

    @Override
    protected String invoke(Method snippet) throws Exception {
        if (interrupted) {
            throw new StoppedException();
        }
        forced = false;
        if (breakLoops != null) {
            breakLoops.setBoolean(null, false);
        }
        FutureTask<Object> run = new FutureTask<>(() -> call(snippet));
        task = run;
        executor.execute(run);
        try {
            value = run.get();
            return "";
        } catch (CancellationException e) {
            throw new StoppedException();
        } catch (ExecutionException e) {
            if (interrupted) {
                throw new StoppedException();
            }
            throw e.getCause() instanceof InvocationTargetException thrown ? thrown : e;
        } finally {
            task = null;
        }
    }

    private Object call(Method snippet) throws Exception {
        Thread self = Thread.currentThread();
        self.setContextClassLoader(snippet.getDeclaringClass().getClassLoader());
        thread = self;
        try {
            if (interrupted) {
                throw new StoppedException();
            }
            return snippet.invoke(null);
        } finally {
            // A thread that was left behind may end long after the next one began.
            if (thread == self) {
                thread = null;
            }
        }
    }

    private void enforce(Future<Object> running) {
        long deadline = LIBRARY_GRACE_MS;
        for (long waited = 0; !running.isDone(); waited += POLL_MS) {
            try {
                Thread.sleep(POLL_MS);
            } catch (InterruptedException e) {
                return;
            }
            if (forced) {
                deadline = Math.min(deadline, waited);
                if (waited > deadline + FORCED_GRACE_MS) {
                    abandon(running);
                }
            } else if (waited >= deadline || waited >= SNIPPET_GRACE_MS && isInSnippet(thread)) {
                force();
            }
        }
    }

    private synchronized void abandon(Future<Object> running) {
        if (task == running && !running.isDone()) {
            executor = newExecutor();
            running.cancel(true);
        }
    }

    private void force() {
        Thread target = thread;
        if (target == null) {
            return;
        }
        forced = true;
        try {
            if (breakLoops != null) {
                breakLoops.setBoolean(null, true);
                target.interrupt();
            } else {
                // By reflection: a later JDK no longer has the method.
                Thread.class.getMethod("stop").invoke(target);
            }
        } catch (ReflectiveOperationException e) {
            // This Java can stop neither threads nor loops: the snippet will be left behind.
            return;
        }
    }

    private static boolean isInSnippet(Thread target) {
        for (StackTraceElement frame : target == null ? new StackTraceElement[0] : target.getStackTrace()) {
            String name = frame.getClassName();
            if (name.startsWith("REPL.")) {
                return true;
            }
            if (!name.startsWith("java.") && !name.startsWith("jdk.") && !name.startsWith("sun.")) {
                return false;
            }
        }
        return false;
    }

    private static ExecutorService newExecutor() {
        return Executors.newSingleThreadExecutor(task -> {
            Thread cell = new Thread(task, "cell");
            cell.setDaemon(true);
            return cell;
        });
    }

    /** The switch that breaks the loops of snippets; JShell (Java 21 and later) makes it when a first method runs. */
    private Field findBreakLoops() {
        if (Runtime.version().feature() < 20) {
            return null;
        }
        try {
            Method nothing = CellControl.class.getDeclaredMethod("nothing");
            nothing.setAccessible(true);
            super.invoke(nothing);
            return findClass("REPL.$Cancel$").getDeclaredField("allStop");
        } catch (Exception e) {
            return null;
        }
    }

    private static void nothing() {}

    @Override
    public void close() {
        executor.shutdownNow();
        try {
            executor.awaitTermination(POLL_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        super.close();
    }
}
