package org.deepdelta.data;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
 * <p>How the jars get here, and where they are looked for: {@link CorpusJar}.
 */
public final class JavaSources {

    /** The jars, in the order in which errors list them. */
    public static final List<CorpusJar> JARS = List.of(
            new CorpusJar(
                    "org.apache.commons:commons-collections4:4.5.0:jar:sources",
                    "75f1bef9447cce189743f7d52f63a669bd796ae19ca863e1f22db1d5b6b504a6"),
            new CorpusJar(
                    "org.apache.commons:commons-lang3:3.18.0:jar:sources",
                    "b15732a13e40df7f07c30f2cb8572874798e8dde581f1398943d2ad3765bafaa"),
            new CorpusJar(
                    "org.apache.commons:commons-math3:3.6.1:jar:sources",
                    "e2ff85a3c360d56c51a7021614a194f3fbaf224054642ac535016f118322934d"));

    private JavaSources() {}

    /**
     * Finds and reads the jars.
     *
     * @return the corpus, in memory
     * @throws DataException if a jar is missing, naming it and the command that gets it, or is not the expected one
     */
    public static Corpus load() {
        return load(CorpusJar.folder());
    }

    /**
     * Reads the jars.
     *
     * @param folder where they lie
     * @return the corpus, in memory
     * @throws DataException if a jar is missing, naming it and the command that gets it, or is not the expected one
     */
    public static Corpus load(Path folder) {
        CorpusJar.require("the Java corpus", folder, JARS);
        TreeMap<String, byte[]> train = new TreeMap<>();
        TreeMap<String, byte[]> validation = new TreeMap<>();
        for (CorpusJar jar : JARS) {
            read(jar.read(folder), train, validation);
        }
        return new Corpus("java-sources", new ByteTokenizer(), join(train), join(validation));
    }

    private static void read(byte[] jar, TreeMap<String, byte[]> train, TreeMap<String, byte[]> validation) {
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(jar))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String path = entry.getName();
                if (path.endsWith(".java")) {
                    boolean held = Digests.held(path.substring(path.lastIndexOf('/') + 1));
                    (held ? validation : train).put(Digests.order(path), document(zip));
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
