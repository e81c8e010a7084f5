package org.deepdelta.kernel;

import io.github.spencerpark.jupyter.messages.publish.PublishStream;
import io.github.spencerpark.jupyter.messages.publish.PublishStream.StreamType;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * {@code System.out} and {@code System.err} of the cells, in the order in which they were written.
 *
 * <p>Text is gathered and sent ten times a second, or every 64 Ki characters: one message a line would make a long output
 * slow, and the socket drops messages that queue up. UTF-8 is decoded across writes, so that no character is cut in two.
 */
final class OutputStreams {

    private static final int MESSAGE_CHARS = 1 << 16;
    private static final long SEND_MS = 100;

    private final StringBuilder text = new StringBuilder();
    private final PrintStream out = stream(StreamType.OUT);
    private final PrintStream err = stream(StreamType.ERR);
    private StreamType type = StreamType.OUT;
    private Consumer<PublishStream> sink;

    /** Replaces the streams of the JVM for good and starts the thread that sends what they get. */
    void install() {
        System.setOut(out);
        System.setErr(err);
        Thread sender = new Thread(
                () -> {
                    try {
                        while (true) {
                            Thread.sleep(SEND_MS);
                            send();
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "output");
        sender.setDaemon(true);
        sender.start();
    }

    /** The standard error of the cells. */
    PrintStream err() {
        return err;
    }

    /** Sends everything, also what a print stream still holds. */
    void flush() {
        out.flush();
        err.flush();
        send();
    }

    /** Names the cell that further output belongs to, also that of threads which outlive it. */
    synchronized void attach(Consumer<PublishStream> cell) {
        send();
        sink = cell;
    }

    /** Sends what has been gathered; what is written before the first cell waits for it. */
    synchronized void send() {
        if (sink != null && text.length() > 0) {
            PublishStream message = new PublishStream(type, text.toString());
            text.setLength(0);
            sink.accept(message);
        }
    }

    private synchronized void append(StreamType from, CharSequence chars) {
        if (from != type) {
            send();
            type = from;
        }
        text.append(chars);
        if (text.length() >= MESSAGE_CHARS) {
            send();
        }
    }

    private PrintStream stream(StreamType to) {
        return new PrintStream(new Decoder(to), true, StandardCharsets.UTF_8);
    }

    private final class Decoder extends OutputStream {

        private final StreamType to;
        private final CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        private byte[] rest = new byte[0];

        Decoder(StreamType to) {
            this.to = to;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            ByteBuffer in = ByteBuffer.allocate(rest.length + length);
            in.put(rest).put(bytes, offset, length).flip();
            CharBuffer chars = CharBuffer.allocate(in.remaining() + 1);
            decoder.decode(in, chars, false);
            rest = new byte[in.remaining()];
            in.get(rest);
            append(to, chars.flip());
        }
    }
}
