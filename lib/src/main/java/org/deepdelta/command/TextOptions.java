package org.deepdelta.command;

import java.nio.file.Path;
import java.util.List;
import org.deepdelta.data.Corpus;
import org.deepdelta.data.JavaSources;
import org.deepdelta.data.Tokenizer;

/**
 * What a command reads: token shards, a file as bytes, or the Java corpus.
 *
 * @param text a file as bytes, or null
 * @param tokens a folder of token shards, or null
 * @param tokenizer what the tokens were made with; null where it was not said
 */
record TextOptions(Path text, Path tokens, String tokenizer) {

    static TextOptions declare(Options o, String otherwise) {
        return new TextOptions(
                o.path("text", null, "file to read as bytes (the Java corpus)"),
                o.path("tokens", null, "folder of token shards to read instead, see exec:java@shards"),
                o.choice("tokenizer", otherwise, List.of("bytes", "gpt2"), "what the tokens were made with"));
    }

    /** The same where a tokenizer is known that was not said. */
    TextOptions or(String known) {
        return new TextOptions(text, tokens, tokenizer == null ? known : tokenizer);
    }

    Corpus open() {
        if (text != null && tokens != null) {
            throw new Options.Wrong("-Dtext and -Dtokens: expected one of them");
        }
        if (tokens != null) {
            return Corpus.ofShards(tokens, Tokenizer.named(tokenizer));
        }
        if (!tokenizer.equals("bytes")) {
            throw new Options.Wrong("-Dtokenizer=" + tokenizer + ": expected -Dtokens with it, token shards made by "
                    + "exec:java@shards -Dtokenizer=" + tokenizer);
        }
        return text == null ? JavaSources.load() : Corpus.ofFile(text);
    }
}
