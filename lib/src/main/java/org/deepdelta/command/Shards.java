package org.deepdelta.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.deepdelta.data.Documents;
import org.deepdelta.data.JavaSources;
import org.deepdelta.data.ShardWriter;
import org.deepdelta.data.Tokenizer;

/**
 * {@code exec:java@shards}: turns text into token shards. Validation is shard 0, whole, and is written last: a folder in which this was
 * broken off has none and is refused when read.
 */
public final class Shards {
    private final Path text;
    private final String ending;
    private final String tokenizer;
    private final int size;
    private final String name;
    private final Path out;

    private Shards(Options o) {
        text = o.path("text", null, "text file, or folder of text files, in UTF-8 (the Java corpus)");
        ending = o.text("ending", "", "of the files of a folder that count, such as .txt (all)");
        tokenizer = o.choice("tokenizer", "gpt2", List.of("bytes", "gpt2"), "what makes tokens of text");
        size = o.integer("size", 100_000_000, 1, "tokens a training shard");
        name = o.text("name", null, "of the data set, first part of the files' names (that of the text)");
        out = o.path("out", "target/shards-" + tokenizer, "folder for the shards");
        o.ready();
    }

    /** Runs the command; see {@code -Dhelp}. */
    public static void main(String[] args) {
        Options.main("shards", "Turns text into token shards that train and evaluate read.", o -> new Shards(o).run());
    }

    private int run() throws IOException {
        if (Files.isDirectory(out)) {
            try (Stream<Path> files = Files.list(out)) {
                files.filter(f -> f.toString().endsWith(".bin")).findAny().ifPresent(file -> {
                    throw new Options.Wrong("there is " + file + " already: delete it, or -Dout=FOLDER names another");
                });
            }
        }
        Documents documents = documents();
        Tokenizer tokens = Tokenizer.named(tokenizer);
        write(documents, documents.train(), tokens, "train", 1, size);
        write(documents, documents.validation(), tokens, "val", 0, Integer.MAX_VALUE);
        System.out.println("to train on them: -Dtokens=" + out + " -Dtokenizer=" + tokenizer);
        return 0;
    }

    private Documents documents() {
        if (text == null) {
            return Documents.of(JavaSources.load());
        }
        return Files.isDirectory(text) ? Documents.ofFolder(text, ending) : Documents.ofFile(text);
    }

    private void write(
            Documents documents, Iterable<String> texts, Tokenizer tokens, String split, int first, int each) {
        String called = name == null ? documents.name() : name;
        long count = 0;
        try (ShardWriter writer = new ShardWriter(out, called, split, first, each, tokens.vocabulary())) {
            for (String document : texts) {
                writer.write(tokens.endOfText());
                writer.write(tokens.encode(document));
                count++;
            }
            List<Path> files = writer.finish();
            System.out.println(String.format(
                    Locale.ROOT,
                    "%-5s %,d documents, %,d tokens: %s%s",
                    split,
                    count,
                    writer.tokens(),
                    files.get(0),
                    files.size() == 1
                            ? ""
                            : " to " + files.get(files.size() - 1).getFileName()));
        }
    }
}
