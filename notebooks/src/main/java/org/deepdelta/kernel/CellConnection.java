package org.deepdelta.kernel;

import io.github.spencerpark.jupyter.channels.JupyterConnection;
import io.github.spencerpark.jupyter.channels.JupyterSocket;
import io.github.spencerpark.jupyter.channels.ShellChannel;
import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.channels.StdinChannel;
import io.github.spencerpark.jupyter.kernel.KernelConnectionProperties;
import io.github.spencerpark.jupyter.messages.ContentType;
import io.github.spencerpark.jupyter.messages.MessageContext;
import io.github.spencerpark.jupyter.messages.MessageType;
import io.github.spencerpark.jupyter.messages.publish.PublishError;
import io.github.spencerpark.jupyter.messages.reply.ErrorReply;
import java.security.GeneralSecurityException;

/**
 * The sockets to Jupyter, with three corrections to what {@code jupyter-jvm-basekernel} does: messages to the notebook are
 * never dropped, text printed before a message arrives before it, and an error carries the name, message and trace-back of
 * what failed in the cell rather than those of the kernel's own exception.
 */
final class CellConnection extends JupyterConnection {

    private final JavaKernel kernel;

    CellConnection(KernelConnectionProperties properties, JavaKernel kernel) throws GeneralSecurityException {
        super(properties);
        this.kernel = kernel;
        // 0 is "no limit"; ZeroMQ's default of 1,000 messages loses the end of a long output.
        iopub.setHWM(0);
    }

    @Override
    public ShellReplyEnvironment prepareReplyEnv(ShellChannel channel, MessageContext context) {
        return new Environment(channel, stdin, iopub, context);
    }

    private final class Environment extends ShellReplyEnvironment {

        Environment(ShellChannel channel, StdinChannel stdin, JupyterSocket iopub, MessageContext context) {
            super(channel, stdin, iopub, context);
        }

        @Override
        public <T extends ContentType<T>> void publish(T content) {
            kernel.streams().send();
            CellFailure failure = kernel.failure();
            if (content instanceof PublishError && failure != null) {
                super.publish(new PublishError(failure.name(), failure.getMessage(), failure.traceback()));
            } else {
                super.publish(content);
            }
        }

        @Override
        public void replyError(MessageType<?> type, ErrorReply error) {
            CellFailure failure = kernel.failure();
            if (!type.isErrorFor(MessageType.EXECUTE_REPLY) || failure == null) {
                super.replyError(type, error);
                return;
            }
            ErrorReply reply = new ErrorReply(failure.name(), failure.getMessage(), failure.traceback());
            reply.setExecutionCount(kernel.cell());
            super.replyError(type, reply);
        }
    }
}
