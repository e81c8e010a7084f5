package org.deepdelta.data;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The corpus that every machine with Maven can get: the Java sources of three Apache-licensed libraries, 4 MB of jars and
 * 14 MB of text, in which names are declared in one place and used in others.
 *
 * <p>A document is one {@code .java} file: a zero byte, then its text without the leading licence comment. Its split is decided by SHA-256 of its <em>name without folders</em> (first eight bytes modulo 20 is
 * 0: validation, about 5 %), so that two libraries' versions of one class fall on the same side; its place by SHA-256 of
 * its full path, so that any run of the sequence is a sample of all three.
 *
 * <p>The build copies the jars ({@code mvn -q -pl lib process-resources}) to {@code lib/target/corpus}; nothing is fetched
 * here. They are looked for in the folder that the system property {@code ddl.corpus} names, or the environment
 * variable {@code DDL_CORPUS}, or in {@code lib/target/corpus} below the working directory or one of its parents.
 */
public final class JavaSources {

    /**
     * A jar of sources.
     *
     * @param coordinates group:artifact:version:type:classifier
     * @param sha256 64 hexadecimal digits
     */
    public record Jar(String coordinates, String sha256) {

        /**
         * The name under which Maven copies it.
         *
         * @return artifact-version-classifier.type
         */
        public String file() {
            String[] part = coordinates.split(":");
            return part[1] + "-" + part[2] + "-" + part[4] + "." + part[3];
        }
    }

    /** The jars, in the order in which errors list them. */
    public static final List<Jar> JARS = List.of(
            new Jar(
                    "org.apache.commons:commons-collections4:4.5.0:jar:sources",
                    "75f1bef9447cce189743f7d52f63a669bd796ae19ca863e1f22db1d5b6b504a6"),
            new Jar(
                    "org.apache.commons:commons-lang3:3.18.0:jar:sources",
                    "b15732a13e40df7f07c30f2cb8572874798e8dde581f1398943d2ad3765bafaa"),
            new Jar(
                    "org.apache.commons:commons-math3:3.6.1:jar:sources",
                    "e2ff85a3c360d56c51a7021614a194f3fbaf224054642ac535016f118322934d"));

    private static final Path BUILT = Path.of("lib", "target", "corpus");

    private JavaSources() {}

    /**
     * Finds and reads the jars.
     *
     * @return the corpus, in memory
     * @throws DataException if a jar is missing, naming it and the command that gets it, or is not the expected one
     */
    public static Corpus load() {
        return load(folder());
    }

    /**
     * Reads the jars.
     *
     * @param folder where they lie
     * @return the corpus, in memory
     * @throws DataException if a jar is missing, naming it and the command that gets it, or is not the expected one
     */
    public static Corpus load(Path folder) {
        List<String> missing = JARS.stream()
                .filter(jar -> !Files.isRegularFile(folder.resolve(jar.file())))
                .map(JavaSources::howToGet)
                .toList();
        if (!missing.isEmpty()) {
            throw new DataException("the Java corpus is not complete in " + folder.toAbsolutePath()
                    + ". In a checkout of this project, get it with\n  mvn -q -pl lib process-resources\nMissing are\n"
                    + String.join("\n", missing)
                    + "\nPoint -Dddl.corpus=FOLDER or the environment variable DDL_CORPUS at another folder.");
        }
        TreeMap<String, byte[]> train = new TreeMap<>();
        TreeMap<String, byte[]> validation = new TreeMap<>();
        for (Jar jar : JARS) {
            read(folder.resolve(jar.file()), jar.sha256(), train, validation);
        }
        return new Corpus("java-sources", new ByteTokenizer(), join(train), join(validation));
    }

    private static String howToGet(Jar jar) {
        return "  " + jar.file() + "  (elsewhere: mvn dependency:copy -Dartifact=" + jar.coordinates()
                + " -DoutputDirectory=FOLDER)";
    }

    private static Path folder() {
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

    private static void read(
            Path file, String expected, TreeMap<String, byte[]> train, TreeMap<String, byte[]> validation) {
        try {
            byte[] jar = Files.readAllBytes(file);
            String found = Digests.hex(Digests.sha256().digest(jar));
            if (!found.equals(expected)) {
                throw new DataException(file, "SHA-256 " + found, expected + "; delete the file and get it again");
            }
            try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(jar))) {
                for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    String path = entry.getName();
                    if (path.endsWith(".java")) {
                        boolean held = Digests.held(path.substring(path.lastIndexOf('/') + 1));
                        (held ? validation : train).put(Digests.order(path), document(zip));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] document(InputStream in) throws IOException {
        String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        if (text.startsWith("/*")) {
            text = text.substring(text.indexOf("*/") + 2).stripLeading();
        }
        return ("\0" + text).getBytes(StandardCharsets.UTF_8);
    }

    private static Tokens join(TreeMap<String, byte[]> documents) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        documents.values().forEach(all::writeBytes);
        return Tokens.of(all.toByteArray());
    }
}
