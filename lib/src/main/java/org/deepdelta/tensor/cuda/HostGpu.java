package org.deepdelta.tensor.cuda;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.deepdelta.tensor.DType;

/**
 * The CPU in a GPU's place, for tests where there is none: the kernels' own sources compiled by g++, their threads run one after the other.
 * New memory is full of NaN. Threads and blocks can be run in reverse order, which must not change a bit.
 */
final class HostGpu implements Gpu {
    private static final long ALIGN = 256;
    private static final int CAPABILITY = 90;
    private static final byte NAN = -1;
    private static final int THREADS = 128;

    private final HostCompiler compiler = new HostCompiler();
    private final boolean reverse;
    private final Map<Long, BytePointer> blocks = new HashMap<>();
    private final Map<Program, Long> libraries = new HashMap<>();
    private final Map<String, Long> products = new HashMap<>();

    @SuppressWarnings("restricted") // a library that was compiled here, from sources of this jar
    HostGpu(boolean reverse) {
        this.reverse = reverse;
        Path include = Path.of(System.getProperty("java.home"), "include");
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
        if (!Files.exists(include.resolve("jni.h"))) {
            throw new CudaException("cuda-host compiles its dispatcher against " + include.resolve("jni.h")
                    + ", which a JDK has and this Java has not");
        }
        String source = CudaSource.resource(HostGpu.class, "shim.cpp");
        Path library = compiler.library("shim", source, "-I" + include, "-I" + include.resolve(system));
        System.load(library.toAbsolutePath().toString());
    }

    @Override
    public synchronized long allocate(long bytes) {
        BytePointer block = new BytePointer(bytes + ALIGN);
        Pointer.memset(block, NAN, bytes + ALIGN);
        long address = (block.address() + ALIGN - 1) / ALIGN * ALIGN;
        blocks.put(address, block);
        return address;
    }

    @Override
    public synchronized void free(long address) {
        blocks.remove(address).close();
    }

    @Override
    public void put(long address, ByteBuffer from) {
        byte[] copy = new byte[from.remaining()];
        from.get(copy);
        new Place(address).put(copy, 0, copy.length);
    }

    @Override
    public void get(long address, ByteBuffer to) {
        byte[] copy = new byte[to.remaining()];
        new Place(address).get(copy, 0, copy.length);
        to.put(copy);
    }

    @Override
    public void copy(long from, long to, long bytes) {
        Pointer.memmove(new Place(to), new Place(from), bytes);
    }

    @Override
    public void clear(long address, long bytes) {
        Pointer.memset(new Place(address), 0, bytes);
    }

    @Override
    public synchronized long function(Program program, String kernel) {
        long library = libraries.computeIfAbsent(program, this::compile);
        synchronized (Shim.class) {
            long function = Shim.find(library, "shim_run_" + kernel);
            if (function == 0) {
                throw new CudaException(program.name() + " has no kernel " + kernel);
            }
            return function;
        }
    }

    private long compile(Program program) {
        StringBuilder text = new StringBuilder("#define STORAGE_BF16 ")
                .append(program.storage() == DType.BF16 ? 1 : 0)
                .append("\n#line 1 \"host.h\"\n")
                .append(CudaSource.resource(HostGpu.class, "host.h"))
                .append("#line 1 \"prelude.cu\"\n")
                .append(CudaSource.resource(HostGpu.class, "prelude.cu"))
                .append("#line 1 \"")
                .append(program.name())
                .append("\"\n")
                .append(program.text());
        for (String kernel : Signature.parse(program.text()).keySet()) {
            text.append("SHIM_KERNEL(").append(kernel).append(")\n");
        }
        Path file = compiler.library(program.name() + "-" + program.storage(), text.toString());
        synchronized (Shim.class) {
            long library = Shim.open(file.toAbsolutePath().toString());
            if (library == 0) {
                throw new CudaException("cannot load " + file + ": " + Shim.error());
            }
            return library;
        }
    }

    @Override
    public void launch(long function, String name, Grid grid, Signature.Arguments arguments) {
        launch(function, name, grid, arguments.slots());
    }

    private void launch(long function, String name, Grid grid, long... slots) {
        String error;
        synchronized (Shim.class) {
            error = Shim.run(
                    function, grid.x(), grid.y(), grid.z(), grid.threads(), grid.shared(), reverse, slots.clone());
        }
        if (error != null) {
            throw new CudaException("kernel " + name + ": " + error);
        }
    }

    @Override
    public void multiply(Product p) {
        String kernel = p.type() == p.result() ? "matmul_same" : "matmul_widen";
        long function;
        synchronized (this) {
            function = products.computeIfAbsent(p.type() + kernel, key -> {
                String text = CudaSource.resource(HostGpu.class, "matmul.cu");
                return function(new Program("matmul.cu", text, p.type()), kernel);
            });
        }
        long blocks = ((long) p.m() * p.n() + THREADS - 1) / THREADS;
        launch(
                function,
                kernel,
                Grid.of(blocks, p.batch(), 1, THREADS),
                p.a().address(),
                p.a().stride(),
                p.a().transposed() ? 1 : 0,
                p.a().distance(),
                p.b().address(),
                p.b().stride(),
                p.b().transposed() ? 1 : 0,
                p.b().distance(),
                p.c().address(),
                p.c().stride(),
                p.c().distance(),
                p.m(),
                p.n(),
                p.k(),
                Float.floatToRawIntBits((float) p.alpha()),
                Float.floatToRawIntBits((float) p.beta()));
    }

    @Override
    public void synchronize() {
        // every launch is done when it returns
    }

    @Override
    public int capability() {
        return CAPABILITY;
    }

    @Override
    public String describe() {
        return "cuda-host, the CUDA kernels on the CPU, " + compiler.version();
    }

    /** A pointer that owns nothing. */
    private static final class Place extends BytePointer {
        Place(long address) {
            super((Pointer) null);
            this.address = address;
        }
    }
}
