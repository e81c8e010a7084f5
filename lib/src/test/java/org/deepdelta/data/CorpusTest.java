package org.deepdelta.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CorpusTest {
    @TempDir
    Path folder;

    @Test
    void theJavaCorpusIsWhatItWas() {
        Corpus corpus = JavaSources.load();
        assertEquals(13_319_882, corpus.train().size());
        assertEquals(633_388, corpus.validation().size());
        assertEquals("9d820b74369e9c30-2f39106bb38c5513", corpus.fingerprint());
    }

    @Test
    void noJavaFileIsInBothSplits() {
        Corpus corpus = JavaSources.load();
        Set<String> train = documents(corpus.train());
        Set<String> validation = documents(corpus.validation());
        assertEquals(1603, train.size() + validation.size(), "documents");
        validation.forEach(text -> assertFalse(train.contains(text), text));
        for (String text : validation) {
            assertTrue(text.contains("package org.apache.commons."), text);
            assertFalse(text.startsWith("/*"), text);
        }
    }

    @Test
    void aMissingJarIsNamedWithTheCommandThatGetsIt() {
        String message = assertThrows(DataException.class, () -> JavaSources.load(folder))
                .getMessage();
        assertTrue(message.contains("mvn -q -pl lib process-resources"), message);
        for (CorpusJar jar : JavaSources.JARS) {
            assertTrue(message.contains(jar.file()) && message.contains(jar.coordinates()), message);
        }
    }

    @Test
    void anotherJarIsRefusedWithBothChecksums() throws IOException {
        for (CorpusJar jar : JavaSources.JARS) {
            Files.writeString(folder.resolve(jar.file()), "no jar");
        }
        String message = assertThrows(DataException.class, () -> JavaSources.load(folder))
                .getMessage();
        CorpusJar first = JavaSources.JARS.get(0);
        assertTrue(message.contains(first.file()), message);
        assertTrue(message.contains("expected " + first.sha256()), message);
        assertTrue(
                message.contains(Digests.hex(Digests.sha256().digest("no jar".getBytes(StandardCharsets.UTF_8)))),
                message);
    }

    @Test
    void aFileOfOnesOwnIsCutInTwo() throws IOException {
        Path file = Files.writeString(folder.resolve("own.txt"), "0123456789".repeat(10));
        Corpus corpus = Corpus.ofFile(file);
        assertEquals(95, corpus.train().size());
        assertEquals(5, corpus.validation().size());
        assertEquals('5', corpus.validation().at(0));
        Files.writeString(file, "short");
        assertThrows(DataException.class, () -> Corpus.ofFile(file));
    }

    @Test
    void theFingerprintKnowsEveryTokenAndTheSplit() throws IOException {
        Path file = Files.writeString(folder.resolve("own.txt"), "0123456789".repeat(10));
        String before = Corpus.ofFile(file).fingerprint();
        assertEquals(before, Corpus.ofFile(file).fingerprint());
        Files.writeString(file, "0123456789".repeat(9) + "0123456780");
        assertNotEquals(before, Corpus.ofFile(file).fingerprint());
        assertEquals(33, before.length());
    }

    private static Set<String> documents(Tokens tokens) {
        int[] all = new int[(int) tokens.size()];
        tokens.copy(0, all, 0, all.length);
        return new HashSet<>(
                List.of(new ByteTokenizer().decode(all).substring(1).split("\0")));
    }
}
