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

    /** The kernel that runs under this name, or null. */
    public static FakeKernel running(String name) {
        FakeKernel kernel = RUNNING.get();
        return kernel != null && kernel.name.equals(name) ? kernel : null;
    }

    /** As in IJava. */
    public void display(DisplayData data) {
        shown.add(data);
    }

    /** As in IJava. */
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

    /** As JupyterIO. */
    public static final class Io {
        /** As in JupyterIO. */
        public final Stream display = new Stream();
    }

    /** As DisplayStream. */
    public static final class Stream {
        private final List<DisplayData> updates = new ArrayList<>();

        /** As in DisplayStream. */
        public void updateDisplay(DisplayData data) {
            updates.add(data);
        }
    }

    /** Data, metadata and id. */
    public static final class DisplayData {
        final Map<String, Object> data = new LinkedHashMap<>();
        final Map<String, Object> metadata = new LinkedHashMap<>();
        String id;

        /** Content of a MIME type. */
        public void putData(String mime, Object content) {
            data.put(mime, content);
        }

        /** Metadata of a MIME type. */
        public void putMetaData(String mime, Object content) {
            metadata.put(mime, content);
        }

        /** The id for updates. */
        public void setDisplayId(String id) {
            this.id = id;
        }
    }
}
