package org.deepdelta.report;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The notebook kernel that this JVM is running, reached by reflection: the library has no kernel on its class path, and
 * the four kernels differ in package names only.
 */
final class RunningKernel {

    private record Entry(String type, String method) {}

    /** IJava 1.3 and its fork 1.4; the project's own kernel; JJava since, and before, its packages were renamed. */
    private static final List<Entry> ENTRIES = List.of(
            new Entry("io.github.spencerpark.ijava.IJava", "getKernelInstance"),
            new Entry("org.deepdelta.kernel.JavaKernel", "getKernelInstance"),
            new Entry("org.dflib.jjava.jupyter.kernel.BaseKernel", "notebookKernel"),
            new Entry("org.dflib.jjava.JJava", "getKernelInstance"));

    private final Object kernel;
    private final Method display;

    private RunningKernel(Object kernel, Method display) {
        this.kernel = kernel;
        this.display = display;
    }

    /** The running kernel; empty where this JVM is no notebook's. */
    static Optional<RunningKernel> find() {
        for (ClassLoader loader : loaders()) {
            for (Entry entry : ENTRIES) {
                Object kernel = instance(loader, entry);
                if (kernel != null) {
                    return Optional.of(new RunningKernel(kernel, displayOf(kernel)));
                }
            }
        }
        return Optional.empty();
    }

    /** Publishes a new output; {@code id} names it for {@link #update}, or is null. */
    void show(Output output, String id) {
        call(display, kernel, bundle(output, id));
    }

    /** Replaces the output of that id, wherever it is shown. */
    void update(Output output, String id) {
        try {
            Object io = kernel.getClass().getMethod("getIO").invoke(kernel);
            Object stream = io.getClass().getField("display").get(io);
            Object bundle = bundle(output, id);
            call(stream.getClass().getMethod("updateDisplay", bundle.getClass()), stream, bundle);
        } catch (ReflectiveOperationException e) {
            throw unusable(e);
        }
    }

    private Object bundle(Output output, String id) {
        try {
            Class<?> type = display.getParameterTypes()[0];
            Object bundle = type.getConstructor().newInstance();
            Method data = type.getMethod("putData", String.class, Object.class);
            Method metadata = type.getMethod("putMetaData", String.class, Object.class);
            for (Map.Entry<String, String> e : output.data().entrySet()) {
                data.invoke(bundle, e.getKey(), e.getValue());
            }
            for (Map.Entry<String, Object> e : output.metadata().entrySet()) {
                metadata.invoke(bundle, e.getKey(), e.getValue());
            }
            if (id != null) {
                type.getMethod("setDisplayId", String.class).invoke(bundle, id);
            }
            return bundle;
        } catch (ReflectiveOperationException e) {
            throw unusable(e);
        }
    }

    private void call(Method method, Object target, Object argument) {
        try {
            method.trySetAccessible();
            method.invoke(target, argument);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("the kernel could not publish an output", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw unusable(e);
        }
    }

    private static Object instance(ClassLoader loader, Entry entry) {
        try {
            return Class.forName(entry.type(), false, loader)
                    .getMethod(entry.method())
                    .invoke(null);
        } catch (ReflectiveOperationException | LinkageError e) {
            return null;
        }
    }

    /** A JShell class loader knows the notebook's jars, the system's knows the kernel. */
    private static Set<ClassLoader> loaders() {
        Set<ClassLoader> loaders = new LinkedHashSet<>();
        loaders.add(RunningKernel.class.getClassLoader());
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null) {
            loaders.add(context);
        }
        loaders.add(ClassLoader.getSystemClassLoader());
        return loaders;
    }

    private static Method displayOf(Object kernel) {
        for (Method method : kernel.getClass().getMethods()) {
            if (method.getName().equals("display")
                    && method.getParameterCount() == 1
                    && method.getParameterTypes()[0].getSimpleName().equals("DisplayData")) {
                return method;
            }
        }
        throw new IllegalStateException("kernel " + kernel.getClass().getName()
                + " has no method display(DisplayData): expected IJava 1.3 or 1.4, JJava, or the project's own kernel");
    }

    private IllegalStateException unusable(Exception cause) {
        return new IllegalStateException(
                "kernel " + kernel.getClass().getName()
                        + " does not offer IJava's display interface: expected IJava 1.3 or 1.4, JJava, or the"
                        + " project's own kernel",
                cause);
    }
}
