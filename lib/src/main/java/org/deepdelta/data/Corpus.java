package org.deepdelta.data;

import java.nio.file.Path;

/**
 * Text to train on and text to validate on, and how to read both.
 *
 * @param name what results call it
 * @param tokenizer turns tokens into text
 * @param train tokens to train on
 * @param validation tokens that training never sees
 */
public record Corpus(String name, Tokenizer tokenizer, Tokens train, Tokens validation) {

    /**
     * A file of one's own as bytes: the first 95 % to train on, the rest to validate on.
     *
     * @param file any file, of any size
     * @return the corpus
     * @throws DataException if it is missing or shorter than 40 bytes
     */
    public static Corpus ofFile(Path file) {
        Tokens all = TokenFiles.bytes(file);
        if (all.size() < 40) {
            throw new DataException(file, all.size(), "the end", "at least 40 bytes of text");
        }
        long cut = all.size() - all.size() / 20;
        return new Corpus(
                file.getFileName().toString(),
                new ByteTokenizer(),
                all.slice(0, cut),
                all.slice(cut, all.size() - cut));
    }

    /**
     * A folder of token shards, {@code train} and {@code val} ({@link TokenFiles#shards}).
     *
     * @param folder where the shards lie
     * @param tokenizer what they were written with; tokens outside its vocabulary are refused when read
     * @return the corpus
     * @throws DataException as {@link TokenFiles#shards}
     */
    public static Corpus ofShards(Path folder, Tokenizer tokenizer) {
        return new Corpus(
                folder.getFileName().toString(),
                tokenizer,
                TokenFiles.shards(folder, "train", tokenizer.vocabulary()),
                TokenFiles.shards(folder, "val", tokenizer.vocabulary()));
    }

    /**
     * The data hash of a result: {@link Tokens#fingerprint} of both parts.
     *
     * @return {@code TRAIN-VALIDATION}, 33 characters
     */
    public String fingerprint() {
        return train.fingerprint() + "-" + validation.fingerprint();
    }
}
