package org.deepdelta.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DocumentsTest {
    @TempDir
    Path folder;

    @Test
    void theJavaCorpusComesBackFromItsShards() {
        Documents documents = Documents.of(JavaSources.load());
        Tokenizer bytes = new ByteTokenizer();
        write(documents.train(), "train", 1, bytes);
        write(documents.validation(), "val", 0, bytes);
        assertEquals(
                JavaSources.load().fingerprint(), Corpus.ofShards(folder, bytes).fingerprint());
    }

    private void write(Iterable<String> texts, String split, int first, Tokenizer tokenizer) {
        try (ShardWriter writer = new ShardWriter(folder, "java", split, first, 5_000_000, tokenizer.vocabulary())) {
            for (String text : texts) {
                writer.write(tokenizer.endOfText());
                writer.write(tokenizer.encode(text));
            }
            writer.finish();
        }
    }

    @Test
    void aFileIsCutAtALineEnd() throws IOException {
        String text = "a line\n".repeat(30) + "the end";
        Documents documents = Documents.ofFile(Files.writeString(folder.resolve("a.b.txt"), text));
        assertEquals("a.b", documents.name());
        String train = documents.train().iterator().next();
        String validation = documents.validation().iterator().next();
        assertEquals(text, train + validation);
        assertTrue(train.endsWith("\n") && validation.length() >= text.length() / 20, validation);
    }

    @Test
    void aFileOfOneLineIsCutBetweenCharacters() throws IOException {
        for (int i = 0; i < 4; i++) {
            String text = "x".repeat(i) + "\uD83D\uDE42".repeat(50);
            Documents documents = Documents.ofFile(Files.writeString(folder.resolve("a.txt"), text));
            String train = documents.train().iterator().next();
            assertFalse(Character.isHighSurrogate(train.charAt(train.length() - 1)));
            assertEquals(text, train + documents.validation().iterator().next());
        }
    }

    @Test
    void aFolderIsSplitByNamesAndSkipsWhatIsHidden() throws IOException {
        for (int i = 0; i < 100; i++) {
            Files.writeString(
                    Files.createDirectories(folder.resolve("d" + i % 3)).resolve(i + ".txt"), "text " + i);
        }
        Files.writeString(folder.resolve("d0/x.bin"), "other");
        Files.writeString(folder.resolve(".hidden.txt"), "hidden");
        Files.writeString(Files.createDirectories(folder.resolve(".git")).resolve("a.txt"), "hidden");
        Documents documents = Documents.ofFolder(folder, ".txt");
        List<String> train = list(documents.train());
        List<String> validation = list(documents.validation());
        assertEquals(100, train.size() + validation.size());
        assertTrue(validation.size() >= 1 && validation.size() <= 15, validation::toString);
        TreeSet<String> all = new TreeSet<>(train);
        all.addAll(validation);
        assertEquals(100, all.size());
        assertEquals(validation, list(Documents.ofFolder(folder, ".txt").validation()), "the same every time");
    }

    @Test
    void twoFilesAreOneToTrainAndOneToValidateOn() throws IOException {
        Files.writeString(folder.resolve("a.txt"), "a");
        refused(() -> Documents.ofFolder(folder, ""), "found 1 files", "at least two text files");
        Files.writeString(folder.resolve("b.txt"), "b");
        Documents documents = Documents.ofFolder(folder, "");
        assertEquals(1, list(documents.train()).size());
        assertEquals(1, list(documents.validation()).size());
    }

    @Test
    void refusesWhatIsNoText() throws IOException {
        Path file = folder.resolve("a.txt");
        Files.write(file, "fünfzig Zeichen und mehr".getBytes(StandardCharsets.ISO_8859_1));
        refused(() -> Documents.ofFile(file), file.toString(), "byte 1", "UTF-8");
        Files.writeString(file, "short");
        refused(() -> Documents.ofFile(file), file.toString(), "5 characters");
        refused(() -> Documents.ofFile(folder.resolve("b.txt")), "b.txt", "no such file");
        refused(() -> Documents.ofFolder(folder.resolve("none"), ""), "none", "a folder of text files");
    }

    private static void refused(Runnable reading, String... parts) {
        String message = assertThrows(DataException.class, reading::run).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "no '" + part + "' in: " + message);
        }
    }

    private static List<String> list(Iterable<String> texts) {
        List<String> list = new ArrayList<>();
        texts.forEach(list::add);
        return list;
    }
}
