package org.deepdelta.tensor.cuda;

/** What CUDA, or the shim in its place, cannot do or has failed at; the message names the call. */
public final class CudaException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /** With what failed and why. */
    public CudaException(String message) {
        super(message);
    }

    /** The same with a cause. */
    public CudaException(String message, Throwable cause) {
        super(message, cause);
    }
}
