package org.deepdelta.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A jar of data that the build copies from Maven Central ({@code mvn -q -pl lib process-resources}) to {@code lib/target/corpus}; nothing is
 * fetched here. It is looked for in the folder that the system property {@code ddl.corpus} names, or the environment variable
 * {@code DDL_CORPUS}, or in {@code lib/target/corpus} below the working directory or one of its parents.
 *
 * @param coordinates group:artifact:version:type or group:artifact:version:type:classifier
 * @param sha256 64 hexadecimal digits
 */
public record CorpusJar(String coordinates, String sha256) {
    private static final Path BUILT = Path.of("lib", "target", "corpus");

    /**
     * The name under which Maven copies it.
     *
     * @return artifact-version.type or artifact-version-classifier.type
     */
    public String file() {
        String[] part = coordinates.split(":");
        return part[1] + "-" + part[2] + (part.length > 4 ? "-" + part[4] : "") + "." + part[3];
    }

    /** Where jars are looked for. */
    static Path folder() {
        String named = System.getProperty("ddl.corpus", System.getenv("DDL_CORPUS"));
        if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        Path here = Path.of("").toAbsolutePath();
        for (Path up = here; up != null; up = up.getParent()) {
            if (Files.isDirectory(up.resolve(BUILT))) {
                return up.resolve(BUILT);
            }
        }
        return here.resolve(BUILT);
    }

    /**
     * Sees whether jars are there.
     *
     * @param what they make up, for the message
     * @throws DataException naming those that are missing and the command that gets them
     */
    static void require(String what, Path folder, List<CorpusJar> jars) {
        List<String> missing = jars.stream()
                .filter(jar -> !Files.isRegularFile(folder.resolve(jar.file())))
                .map(CorpusJar::howToGet)
                .toList();
        if (!missing.isEmpty()) {
            throw new DataException(what + " is not complete in " + folder.toAbsolutePath()
                    + ". In a checkout of this project, get it with\n  mvn -q -pl lib process-resources\nMissing are\n"
                    + String.join("\n", missing)
                    + "\nPoint -Dddl.corpus=FOLDER or the environment variable DDL_CORPUS at another folder.");
        }
    }

    private String howToGet() {
        return "  " + file() + "  (elsewhere: mvn dependency:copy -Dartifact=" + coordinates
                + " -DoutputDirectory=FOLDER)";
    }

    /**
     * Reads the jar.
     *
     * @throws DataException if it is not the expected one
     */
    byte[] read(Path folder) {
        Path file = folder.resolve(file());
        try {
            byte[] jar = Files.readAllBytes(file);
            String found = Digests.hex(Digests.sha256().digest(jar));
            if (!found.equals(sha256)) {
                throw new DataException(file, "SHA-256 " + found, sha256 + "; delete the file and get it again");
            }
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
