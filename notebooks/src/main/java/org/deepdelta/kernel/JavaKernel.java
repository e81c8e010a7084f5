package org.deepdelta.kernel;

import io.github.spencerpark.jupyter.channels.JupyterConnection;
import io.github.spencerpark.jupyter.channels.JupyterSocket;
import io.github.spencerpark.jupyter.channels.ShellHandler;
import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.KernelConnectionProperties;
import io.github.spencerpark.jupyter.kernel.LanguageInfo;
import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import io.github.spencerpark.jupyter.kernel.history.HistoryEntry;
import io.github.spencerpark.jupyter.kernel.history.HistoryManager;
import io.github.spencerpark.jupyter.messages.Header;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageType;
import io.github.spencerpark.jupyter.messages.reply.KernelInfoReply;
import io.github.spencerpark.jupyter.messages.request.ExecuteRequest;
import java.awt.image.RenderedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.logging.LogManager;
import javax.imageio.ImageIO;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.SourceCodeAnalysis.Documentation;
import jdk.jshell.SourceCodeAnalysis.Suggestion;

/**
 * The Java kernel: Jupyter's messages on one side, a {@link Session} on the other.
 *
 * <p>Jupyter starts {@link #main} with the path of a connection file. Code that wants to show something finds the kernel by
 * {@link #getKernelInstance} and calls {@code display(DisplayData)} and {@code getRenderer()}, as with IJava.
 */
public final class JavaKernel extends BaseKernel {

    private static final long EXIT_GRACE_MS = 2_000;

    private static JavaKernel instance;

    private final OutputStreams streams = new OutputStreams();
    private final Session session;
    private volatile CellFailure failure;

    private JavaKernel() throws CellFailure, IOException {
        session = new Session(System.getenv(), streams.err());
        setShouldReplaceStdStreams(false);
        // The library under all Java kernels cuts the last bytes off an encoded image.
        getRenderer()
                .createRegistration(RenderedImage.class)
                .preferring(MIMEType.IMAGE_PNG)
                .register((image, context) -> context.renderIfRequested(MIMEType.IMAGE_PNG, () -> png(image)));
    }

    /** The kernel of this JVM, or null where it is not one. */
    public static JavaKernel getKernelInstance() {
        return instance;
    }

    /**
     * Runs the kernel until Jupyter shuts it down or is gone.
     *
     * @param arguments the path of the connection file that Jupyter wrote
     * @throws Exception when the file cannot be read, a socket not be bound, or start-up code fails
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("usage: " + JavaKernel.class.getName() + " CONNECTION_FILE");
        }
        silenceSockets();
        exitWithJupyter();
        String properties = Files.readString(Path.of(arguments[0]));
        instance = new JavaKernel();
        instance.streams.install();
        System.setIn(instance.getIO().in);
        JupyterConnection connection = new CellConnection(KernelConnectionProperties.parse(properties), instance);
        instance.becomeHandlerForConnection(connection);
        connection.connect();
        connection.waitUntilClose();
        System.exit(0);
    }

    /** The library logs each start of a loop; by configuration, because nobody else keeps hold of its loggers. */
    private static void silenceSockets() throws IOException {
        String configuration = "handlers=java.util.logging.ConsoleHandler\nJupyter.level=OFF\n"
                + "Loop-Shell-0.level=OFF\nLoop-Shell-1.level=OFF\nLoop-Heartbeat-0.level=OFF\n";
        LogManager.getLogManager()
                .readConfiguration(new ByteArrayInputStream(configuration.getBytes(StandardCharsets.UTF_8)));
        JupyterSocket.JUPYTER_LOGGER.getName();
    }

    /** Jupyter names itself in the environment; where it is killed, no kernel stays behind. */
    private static void exitWithJupyter() {
        String jupyter = System.getenv("JPY_PARENT_PID");
        ProcessHandle.current()
                .parent()
                .filter(parent -> Long.toString(parent.pid()).equals(jupyter))
                .ifPresent(parent ->
                        parent.onExit().thenRun(() -> Runtime.getRuntime().halt(0)));
    }

    OutputStreams streams() {
        return streams;
    }

    /** Why the last cell failed, null if it did not. */
    CellFailure failure() {
        return failure;
    }

    /** The number of the cell that was begun last. */
    int cell() {
        return executionCount.get() - 1;
    }

    @Override
    public void becomeHandlerForConnection(JupyterConnection connection) {
        super.becomeHandlerForConnection(connection);
        ShellHandler<ExecuteRequest> execute = connection.getHandler(MessageType.EXECUTE_REQUEST);
        connection.setHandler(MessageType.EXECUTE_REQUEST, (cell, request) -> {
            streams.attach(text -> connection.getIOPub().sendMessage(new Message<>(request, text.getType(), text)));
            execute.handle(cell, request);
        });
        connection.setHandler(MessageType.KERNEL_INFO_REQUEST, (environment, request) -> {
            environment.setBusyDeferIdle();
            environment.reply(new Info(this));
        });
    }

    /** The library's reply lacks the status that the protocol asks for. */
    private static final class Info extends KernelInfoReply {

        @SuppressWarnings("unused")
        private final String status = "ok";

        Info(JavaKernel kernel) {
            super(
                    Header.PROTOCOL_VERISON,
                    KERNEL_META.get("project"),
                    KERNEL_META.get("version"),
                    kernel.getLanguageInfo(),
                    kernel.getBanner(),
                    List.of());
        }
    }

    @Override
    public DisplayData eval(String code) throws CellFailure {
        failure = null;
        try {
            Object value = session.evaluate("Cell " + cell(), code);
            return value == null ? null : Display.render(value);
        } catch (CellFailure e) {
            failure = e;
            throw e;
        } finally {
            streams.flush();
        }
    }

    @Override
    public List<String> formatError(Exception e) {
        return e instanceof CellFailure f ? f.traceback() : super.formatError(e);
    }

    @Override
    public void interrupt() {
        session.control().interrupt();
    }

    @Override
    public void onShutdown(boolean isRestarting) {
        interrupt();
        Thread exit = new Thread(
                () -> {
                    try {
                        Thread.sleep(EXIT_GRACE_MS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(0);
                },
                "exit");
        exit.setDaemon(true);
        exit.start();
    }

    /** Jupyter counts characters as code points, Java in UTF-16 units. */
    @Override
    public ReplacementOptions complete(String code, int at) {
        int cursor = code.offsetByCodePoints(0, Math.min(at, code.codePointCount(0, code.length())));
        int[] anchor = {cursor};
        // First with the lines above, whose variables may not exist yet; then only with the statement at the cursor.
        int from = 0;
        List<Suggestion> found = session.analysis().completionSuggestions(code, cursor, anchor);
        if (found.isEmpty()) {
            from = beginOfStatement(code, cursor);
            found = session.analysis().completionSuggestions(code.substring(from), cursor - from, anchor);
        }
        List<String> names = found.stream()
                .sorted((a, b) -> Boolean.compare(b.matchesType(), a.matchesType()))
                .map(Suggestion::continuation)
                .distinct()
                .toList();
        return names.isEmpty() ? null : new ReplacementOptions(names, code.codePointCount(0, from + anchor[0]), at);
    }

    private int beginOfStatement(String code, int cursor) {
        int from = 0;
        while (true) {
            CompletionInfo info = session.analysis().analyzeCompletion(code.substring(from));
            int next = info.completeness().isComplete()
                    ? code.length() - info.remaining().length()
                    : cursor;
            if (next >= cursor || next <= from) {
                return from;
            }
            from = next;
        }
    }

    @Override
    public DisplayData inspect(String code, int at, boolean extraDetail) {
        int cursor = code.offsetByCodePoints(0, Math.min(at, code.codePointCount(0, code.length())));
        while (cursor < code.length() && Character.isJavaIdentifierPart(code.charAt(cursor))) {
            cursor++;
        }
        List<Documentation> found = document(code.substring(0, cursor));
        if (found.isEmpty() && cursor < code.length()) {
            found = document(code.substring(0, cursor + 1));
        }
        if (found.isEmpty()) {
            found = document(code.substring(0, cursor) + "(");
        }
        if (found.isEmpty()) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (Documentation entry : found) {
            text.append(entry.signature()).append('\n');
            if (entry.javadoc() != null) {
                text.append(entry.javadoc().indent(4)).append('\n');
            }
        }
        return new DisplayData(text.toString());
    }

    private List<Documentation> document(String code) {
        int from = beginOfStatement(code, code.length());
        String statement = code.substring(from);
        return session.analysis().documentation(statement, statement.length(), true);
    }

    @Override
    public String isComplete(String code) {
        String rest = code;
        while (!rest.isBlank()) {
            CompletionInfo info = session.analysis().analyzeCompletion(rest);
            Completeness state = info.completeness();
            if (state == Completeness.UNKNOWN) {
                return IS_COMPLETE_BAD;
            }
            if (!state.isComplete() && state != Completeness.EMPTY) {
                return indent(code);
            }
            rest = info.remaining();
        }
        return IS_COMPLETE_YES;
    }

    private static String indent(String code) {
        String last = code.substring(code.stripTrailing().lastIndexOf('\n') + 1);
        String same = last.substring(0, last.length() - last.stripLeading().length());
        return code.stripTrailing().endsWith("{") ? same + "    " : same;
    }

    @Override
    public LanguageInfo getLanguageInfo() {
        return new LanguageInfo.Builder("java")
                .version(Runtime.version().toString())
                .mimetype("text/x-java-source")
                .fileExtension(".jshell")
                .pygments("java")
                .codemirror("text/x-java")
                .build();
    }

    @Override
    public String getBanner() {
        return "Java " + Runtime.version() + ", " + KERNEL_META.get("project") + " " + KERNEL_META.get("version");
    }

    /** No history is kept, but a request for it is answered. */
    @Override
    public HistoryManager getHistoryManager() {
        return new HistoryManager() {
            @Override
            public List<HistoryEntry> lookupRange(int session, int start, int end, Set<ResultFlag> flags) {
                return List.of();
            }

            @Override
            public List<HistoryEntry> lookupTail(int length, Set<ResultFlag> flags) {
                return List.of();
            }

            @Override
            public List<HistoryEntry> search(String pattern, int length, Set<ResultFlag> flags) {
                return List.of();
            }
        };
    }

    private static String png(RenderedImage image) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Base64.getEncoder().encodeToString(out.toByteArray());
    }
}
