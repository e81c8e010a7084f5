package org.deepdelta.experiment.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.deepdelta.experiment.study.Provenance;
import org.deepdelta.experiment.study.Results;
import org.deepdelta.experiment.study.Run;
import org.deepdelta.experiment.study.RunExecutor;
import org.deepdelta.experiment.study.RunResult;
import org.deepdelta.experiment.study.Runner;
import org.deepdelta.experiment.study.Study;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A study on a real standalone cluster of two workers: the numbers of one machine, also when a worker is lost. Prints what two workers take, and one. */
@Tag("full")
final class SparkStudyTest {
    private static final String TEXT =
            """
            question = "Does it run elsewhere?"
            base {
              task = "flip:symbols=4,queries=2,rounds=2", layers = 1, heads = 1, width = 8, factor = 0.5
              rows = 2, shards = 1, steps = 3000, rate = 0.01, decay = 0.1, clip = 1
            }
            variants {
              plus { rule = additive }
              DDL { rule = ddl_scalar }
            }
            seeds = [1, 2, 3]
            """;
    private static final Runner.Listener SILENT = new Runner.Listener() {};

    @TempDir
    Path folder;

    @Test
    void aClusterGivesTheNumbersOfOneMachineAlsoWhenAWorkerIsLost() throws Exception {
        Study study = study();
        List<RunResult> expected = finished(study, RunExecutor.local(2, 1 << 28), "local");
        System.setProperty("spark.driver.host", "127.0.0.1");
        try (Cluster cluster = new Cluster(folder, 2);
                RunExecutor spark = RunExecutor.at(cluster.url())) {
            assertSame(expected, finished(study, spark, "cold"));
            long start = System.nanoTime();
            assertSame(expected, finished(study, spark, "two"));
            double two = (System.nanoTime() - start) / 1e9;

            ExecutorService driver = Executors.newSingleThreadExecutor();
            Callable<List<RunResult>> whole = () -> finished(study, spark, "killed");
            Future<List<RunResult>> running = driver.submit(whole);
            while (runsWithCheckpoints() < 2) {
                assertTrue(!running.isDone(), "it ended before a worker could be killed");
                Thread.sleep(5);
            }
            cluster.kill(0);
            assertSame(expected, running.get());
            driver.shutdown();

            start = System.nanoTime();
            assertSame(expected, finished(study, spark, "one"));
            double one = (System.nanoTime() - start) / 1e9;
            System.out.printf(Locale.ROOT, "Spark: two workers %.1f s, one worker %.1f s%n", two, one);
        }
    }

    private Study study() throws IOException {
        return Study.read(Files.writeString(folder.resolve("some.conf"), TEXT), "laptop");
    }

    private List<RunResult> finished(Study study, RunExecutor executor, String name) throws IOException {
        Path file = folder.resolve(name + ".jsonl");
        Runner runner = new Runner(study, Results.read(file), folder.resolve("work"), executor, SILENT);
        assertEquals(List.of(), runner.run(), name);
        List<RunResult> results = List.copyOf(Results.read(file).all());
        assertEquals(study.grid().size(), results.size(), name);
        return results;
    }

    /** Runs under way that would not begin anew. */
    private long runsWithCheckpoints() throws IOException {
        Path work = folder.resolve("work");
        if (!Files.isDirectory(work)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(work, 2)) {
            return files.filter(file -> file.getFileName().toString().startsWith("checkpoint-"))
                    .map(Path::getParent)
                    .distinct()
                    .count();
        }
    }

    private static void assertSame(List<RunResult> expected, List<RunResult> actual) {
        for (int i = 0; i < expected.size(); i++) {
            RunResult there = actual.get(i);
            assertEquals(expected.get(i).run(), there.run());
            assertTrue(expected.get(i).sameNumbers(there), expected.get(i) + "\n" + there);
            Provenance here = expected.get(i).provenance();
            assertEquals(here.core(), there.provenance().core());
            assertEquals(here.jdk(), there.provenance().jdk());
        }
    }
}
