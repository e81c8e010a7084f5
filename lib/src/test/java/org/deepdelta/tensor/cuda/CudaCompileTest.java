package org.deepdelta.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deepdelta.tensor.DType;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Every {@code .cu} of the library as machine code for every GPU generation it is meant for: F32 from compute capability 7.5 on, BF16 from
 * 8.0 on. By NVRTC where it loads, by nvcc otherwise; where there is neither, the test is skipped and says so. What was compiled once is
 * not compiled again until source or compiler change.
 */
final class CudaCompileTest {
    private static final int OLDEST_BF16 = 80;
    private static final List<Integer> CAPABILITIES = List.of(75, 80, 90, 100, 120);
    private static final int THREADS = 2;

    /**
     * The sources: what is in front of each, and the constants of one form (with a second where a constant chooses between code paths).
     * {@code prelude.cu} is in front of all.
     */
    private static final String SOURCES =
            """
            ops/adamw/adamw.cu
            ops/attention/along.cu tensor/cuda/packs.cu V=4
            ops/attention/attention.cu
            ops/attention/flash.cu WIDE=128 TILE=32
            ops/attention/flash_tensor.cu tensor/cuda/tensorcore.cu WIDE=128 OWN=1 OTHERS=32 ALIGNED=1
            ops/attention/flash_tensor.cu tensor/cuda/tensorcore.cu WIDE=16 OWN=2 OTHERS=64 ALIGNED=0
            ops/compress/compress.cu tensor/cuda/packs.cu V=4 TAPS=4 DV=4
            ops/crossentropy/crossentropy.cu tensor/cuda/packs.cu V=4
            ops/delta/delta.cu tensor/cuda/packs.cu ops/delta/rewrite.cu V=4 CHUNKS=2 DV=4
            ops/embedding/embedding.cu tensor/cuda/packs.cu V=4
            ops/expand/expand.cu tensor/cuda/packs.cu V=4 TAPS=4 DV=4
            ops/gradientsum/gradientsum.cu
            ops/linear/linear.cu tensor/cuda/packs.cu V=4 FEW=4 ROWS=4
            ops/rmsnorm/rmsnorm.cu tensor/cuda/packs.cu V=4 CHUNKS=2
            ops/rotary/rotary.cu
            ops/rotary/rotary_wide.cu tensor/cuda/packs.cu V=4 LANES=16
            ops/sinkhorn/sinkhorn.cu N=4 ROUNDS=20
            ops/step/step.cu tensor/cuda/packs.cu ops/delta/rewrite.cu V=4 CHUNKS=2 DV=4
            ops/streams/streams.cu tensor/cuda/packs.cu V=4 N=4 M=5
            ops/swiglu/swiglu.cu tensor/cuda/packs.cu V=4
            tensor/cuda/device.cu
            tensor/cuda/matmul.cu
            tensor/cuda/parts.cu
            tensor/cuda/primitives.cu
            """;

    /** Makes machine code of a program for some capabilities; throws with the compiler's words. */
    private interface Compiler {
        String name();

        void compile(Gpu.Program program, List<Integer> capabilities);
    }

    @Test
    void everySourceIsListed() throws IOException, URISyntaxException {
        Set<String> listed = new TreeSet<>();
        SOURCES.lines().forEach(line -> Stream.of(line.split(" "))
                .filter(word -> word.endsWith(".cu"))
                .forEach(listed::add));
        listed.add("tensor/cuda/prelude.cu");
        URL root = CudaSource.class.getClassLoader().getResource("META-INF/sources/org/deepdelta");
        Path folder = Path.of(root.toURI());
        try (Stream<Path> files = Files.walk(folder)) {
            Set<String> there = files.map(
                            file -> folder.relativize(file).toString().replace('\\', '/'))
                    .filter(file -> file.endsWith(".cu"))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(there, listed);
        }
    }

    @Test
    void compiles(TestReporter reporter) throws InterruptedException {
        Compiler compiler = compiler();
        long start = System.nanoTime();
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> all = new ArrayList<>();
        for (DType type : List.of(DType.F32, DType.BF16)) {
            List<Integer> capabilities = CAPABILITIES.stream()
                    .filter(c -> type == DType.F32 || c >= OLDEST_BF16)
                    .toList();
            SOURCES.lines()
                    .map(line -> program(line, type))
                    .forEach(program -> all.add(pool.submit(() -> compiler.compile(program, capabilities))));
        }
        pool.shutdown();
        List<String> failures = new ArrayList<>();
        for (Future<?> one : all) {
            try {
                one.get();
            } catch (ExecutionException e) {
                failures.add(e.getCause().getMessage());
            }
        }
        assertTrue(failures.isEmpty(), () -> String.join("\n", failures));
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        reporter.publishEntry(all.size() + " programs for " + CAPABILITIES, compiler.name() + ", " + seconds + " s");
    }

    /** A line of the list as a program. */
    private static Gpu.Program program(String line, DType type) {
        String[] words = line.split(" ");
        StringBuilder text = new StringBuilder();
        for (String word : words) {
            if (word.contains("=")) {
                text.append("#define ").append(word.replace('=', ' ')).append('\n');
            }
        }
        for (int i = 1; i < words.length; i++) {
            if (words[i].endsWith(".cu")) {
                text.append(text(words[i]));
            }
        }
        text.append("#line 1 \"").append(words[0]).append("\"\n").append(text(words[0]));
        return new Gpu.Program(words[0], text.toString(), type);
    }

    private static String text(String file) {
        String path = "META-INF/sources/org/deepdelta/" + file;
        try (InputStream in = CudaSource.class.getClassLoader().getResourceAsStream(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Compiler compiler() {
        String missing;
        try {
            new Nvrtc(CAPABILITIES.get(0));
            return new ByNvrtc();
        } catch (CudaException e) {
            missing = e.getMessage();
        }
        try {
            return new ByNvcc();
        } catch (IOException e) {
            Assumptions.abort(
                    "CUDA sources were not compiled: no NVRTC (" + missing + ") and no nvcc (" + e.getMessage() + ")");
            throw new IllegalStateException(e);
        }
    }

    /** As the device compiles. */
    private static final class ByNvrtc implements Compiler {
        @Override
        public String name() {
            return "NVRTC " + Driver.nvrtcVersion();
        }

        @Override
        public void compile(Gpu.Program program, List<Integer> capabilities) {
            for (int capability : capabilities) {
                new Nvrtc(capability).compile(program);
            }
        }
    }

    /** One call for all capabilities: PTX for the oldest, machine code from it for each; hardly optimised, which takes a third of the time. */
    private static final class ByNvcc implements Compiler {
        private final String version;
        private final CodeCache cache = CodeCache.ofUser();

        ByNvcc() throws IOException {
            String[] lines = run(List.of("nvcc", "--version")).strip().split("\n");
            version = lines[lines.length - 1].strip();
        }

        @Override
        public String name() {
            return "nvcc, " + version;
        }

        @Override
        public void compile(Gpu.Program program, List<Integer> capabilities) {
            String codes = capabilities.stream().map(c -> "sm_" + c).collect(Collectors.joining(","));
            List<String> options = List.of(
                    "-std=c++17",
                    "-fatbin",
                    "-w",
                    "-Xptxas=-O0",
                    "-Xcicc=-O1",
                    "-DSTORAGE_BF16=" + (program.storage() == DType.BF16 ? 1 : 0),
                    "-gencode=arch=compute_" + capabilities.get(0) + ",code=[" + codes + "]");
            String source =
                    CudaSource.resource(CudaSource.class, "prelude.cu") + "#line 1 \"constants\"\n" + program.text();
            cache.get(
                    program.name() + "-" + program.storage() + "-nvcc",
                    ".fatbin",
                    file -> compile(program, source, options, file),
                    source,
                    options.toString(),
                    version);
        }

        private static void compile(Gpu.Program program, String source, List<String> options, Path to)
                throws IOException {
            Path text = Files.createTempFile("ddl-", ".cu");
            try {
                Files.writeString(text, source);
                List<String> line = new ArrayList<>(List.of("nvcc"));
                line.addAll(options);
                line.addAll(List.of("-o", to.toString(), text.toString()));
                run(line);
            } catch (IOException e) {
                throw new CudaException(program.name() + " with " + options + ":\n" + e.getMessage(), e);
            } finally {
                Files.deleteIfExists(text);
            }
        }

        private static String run(List<String> line) throws IOException {
            Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            try {
                if (process.waitFor() != 0) {
                    throw new IOException(said);
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            return said;
        }
    }
}
