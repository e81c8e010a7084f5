package org.deepdelta.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.deepdelta.data.HellaSwag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From text to a figure, by the commands alone, each in a virtual machine of its own. */
final class EvaluateTest {
    @TempDir
    Path folder;

    @Test
    void textBecomesShardsAModelAndItsFigures() throws Exception {
        Path text = Files.createDirectories(folder.resolve("text"));
        for (int i = 0; i < 6; i++) {
            Files.writeString(text.resolve(i + ".txt"), ("The number " + i + " has a file of its own.\n").repeat(20));
        }
        Path shards = folder.resolve("shards");
        String made =
                run(Shards.class, 0, "text=" + text, "out=" + shards, "tokenizer=gpt2", "size=300", "name=numbers");
        assertTrue(made.contains("numbers_val_000000.bin"), made);
        run(Shards.class, 2, "text=" + text, "out=" + shards);
        try (Stream<Path> files = Files.list(shards)) {
            assertTrue(files.allMatch(f -> f.toString().endsWith(".bin")));
        }

        Path runs = folder.resolve("run");
        List<String> data = List.of("tokens=" + shards, "tokenizer=gpt2");
        List<String> sizes = List.of("rule=ddl_scalar:preset=paper", "layers=1", "heads=2", "width=8", "length=16");
        run(Train.class, 0, data, sizes, List.of("order=sequential", "steps=3", "batch=2", "batches=1", "out=" + runs));

        Path questions = folder.resolve("questions.bin");
        HellaSwag.Example one = new HellaSwag.Example(
                new int[] {464, 1271}, List.of(new int[] {262}, new int[] {1}, new int[] {2, 3}, new int[] {4}), 1);
        HellaSwag.write(questions, List.of(one, one));
        Path csv = folder.resolve("losses.csv");
        String found = run(
                Evaluate.class,
                0,
                data.subList(0, 1),
                List.of("checkpoint=" + runs, "hellaswag=" + questions, "csv=" + csv, "batch=2"));
        assertTrue(found.contains("ddl_scalar:"), found);
        assertTrue(found.contains("T 16"), found);
        assertTrue(found.contains("bits a byte"), found);
        assertTrue(found.contains("order-4 counts"), found);
        assertTrue(found.contains("of 2 right"), found);
        assertEquals("batch,loss", Files.readAllLines(csv).get(0));

        String missing =
                run(Evaluate.class, 1, data, List.of("checkpoint=" + runs, "hellaswag=" + folder.resolve("no.bin")));
        assertTrue(missing.contains("no.bin") && missing.contains("dev/data/hellaswag.py"), missing);
        String bytes = run(Evaluate.class, 2, List.of("checkpoint=" + runs, "tokens=" + shards, "tokenizer=bytes"));
        assertTrue(bytes.contains("-Dtokenizer=bytes: expected one of 50304 tokens"), bytes);
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static String run(Class<?> command, int code, List<String>... options) throws Exception {
        return run(command, code, Stream.of(options).flatMap(List::stream).toArray(String[]::new));
    }

    private static String run(Class<?> command, int code, String... options) throws Exception {
        return new CommandRun(command).run(code, options);
    }
}
