package org.deepdelta.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** A kernel that keeps what is published; its methods have IJava's names and parameters. */
public final class FakeKernel implements AutoCloseable {

    private static final AtomicReference<FakeKernel> RUNNING = new AtomicReference<>();

    private final String name;
    private final Io io = new Io();
    final List<DisplayData> shown = new ArrayList<>();

    private FakeKernel(String name) {
        this.name = name;
    }

    static FakeKernel start(String name) {
        FakeKernel kernel = new FakeKernel(name);
        RUNNING.set(kernel);
        return kernel;
    }

    public static FakeKernel running(String name) {
        FakeKernel kernel = RUNNING.get();
        return kernel != null && kernel.name.equals(name) ? kernel : null;
    }

    public void display(DisplayData data) {
        shown.add(data);
    }

    public Io getIO() {
        return io;
    }

    List<DisplayData> updates() {
        return io.display.updates;
    }

    @Override
    public void close() {
        RUNNING.set(null);
    }

    public static final class Io {
        public final Stream display = new Stream();
    }

    public static final class Stream {
        private final List<DisplayData> updates = new ArrayList<>();

        public void updateDisplay(DisplayData data) {
            updates.add(data);
        }
    }

    public static final class DisplayData {
        final Map<String, Object> data = new LinkedHashMap<>();
        final Map<String, Object> metadata = new LinkedHashMap<>();
        String id;

        public void putData(String mime, Object content) {
            data.put(mime, content);
        }

        public void putMetaData(String mime, Object content) {
            metadata.put(mime, content);
        }

        public void setDisplayId(String id) {
            this.id = id;
        }
    }
}
