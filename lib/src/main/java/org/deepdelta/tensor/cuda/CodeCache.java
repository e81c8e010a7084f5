package org.deepdelta.tensor.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Machine code on disk, by a hash of everything that it is made from: source, options, architecture, compiler. The folder is the property
 * {@code ddl.cache}, or {@code deepdelta} in the user's cache folder.
 */
final class CodeCache {
    private static final String FOLDER = "ddl.cache";
    private static final int NAME = 32;

    /** Makes machine code in a file. */
    @FunctionalInterface
    interface Maker {
        /** Writes the file. */
        void make(Path file) throws IOException;
    }

    private final Path folder;

    private CodeCache(Path folder) {
        this.folder = folder;
    }

    /** The one that the properties name. */
    static CodeCache ofUser() {
        String chosen = System.getProperty(FOLDER);
        if (chosen != null) {
            return new CodeCache(Path.of(chosen));
        }
        String caches = System.getenv("XDG_CACHE_HOME");
        Path base = caches == null || caches.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(caches);
        return new CodeCache(base.resolve("deepdelta"));
    }

    /** The file made from these inputs, made now if it is not there. */
    Path get(String name, String ending, Maker maker, String... inputs) {
        Path file = folder.resolve(name.replaceAll("\\W+", "-") + "-" + hash(inputs) + ending);
        if (Files.exists(file)) {
            return file;
        }
        try {
            Files.createDirectories(folder);
            Path underWay = Files.createTempFile(folder, "making-", ending);
            try {
                maker.make(underWay);
                Files.move(underWay, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(underWay);
            }
            return file;
        } catch (IOException e) {
            throw new CudaException(
                    "cannot keep machine code in " + folder + ": " + e + "; -D" + FOLDER + " names another folder", e);
        }
    }

    private static String hash(String... inputs) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String input : inputs) {
                digest.update(input.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, NAME);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
