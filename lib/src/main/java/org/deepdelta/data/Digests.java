package org.deepdelta.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, which every Java platform has, and what is decided by it. */
final class Digests {
    private Digests() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether a document of that name is held out for validation: one in twenty, the same on every machine. */
    static boolean held(String name) {
        long hash = ByteBuffer.wrap(digest(name)).getLong();
        return Long.remainderUnsigned(hash, 20) == 0;
    }

    /** Sorts documents into an order that has nothing to do with their folders. */
    static String order(String path) {
        return hex(digest(path));
    }

    private static byte[] digest(String text) {
        return sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    }

    static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }
}
