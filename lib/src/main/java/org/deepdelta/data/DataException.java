package org.deepdelta.data;

import java.nio.file.Path;

/** Input that cannot be used: the message says which file, where in it, what was found and what was expected. */
public final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DataException(Path file, String found, String expected) {
        super(file + ": found " + found + ", expected " + expected);
    }

    DataException(Path file, long offset, String found, String expected) {
        super(file + ", byte " + offset + ": found " + found + ", expected " + expected);
    }

    DataException(String message) {
        super(message);
    }
}
