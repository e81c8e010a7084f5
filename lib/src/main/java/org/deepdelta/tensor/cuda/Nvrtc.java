package org.deepdelta.tensor.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.deepdelta.tensor.DType;

/** Compiles kernels to machine code for one architecture, once: the code is kept on disk. Needs the library, not a GPU. */
final class Nvrtc {
    private final String architecture;
    private final String version;
    private final CodeCache cache = CodeCache.ofUser();

    /** For GPUs of that compute capability, 90 for 9.0. */
    Nvrtc(int capability) {
        Driver.load(nvrtc.class);
        architecture = "sm_" + capability;
        version = Driver.nvrtcVersion();
    }

    /**
     * Machine code.
     *
     * @throws CudaException with the compiler's words where the source is wrong
     */
    byte[] compile(Gpu.Program program) {
        String source = "#line 1 \"prelude.cu\"\n" + CudaSource.resource(Nvrtc.class, "prelude.cu") + "#line 1 \""
                + program.name() + "\"\n" + program.text();
        List<String> options = List.of(
                "--gpu-architecture=" + architecture,
                "--std=c++17",
                "-DSTORAGE_BF16=" + (program.storage() == DType.BF16 ? 1 : 0));
        Path file = cache.get(
                program.name() + "-" + program.storage() + "-" + architecture,
                ".cubin",
                to -> Files.write(to, compile(program.name(), source, options)),
                source,
                options.toString(),
                "nvrtc " + version);
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] compile(String name, String source, List<String> options) {
        _nvrtcProgram program = new _nvrtcProgram();
        try (BytePointer text = new BytePointer(source);
                BytePointer title = new BytePointer(name);
                PointerPointer<BytePointer> line = new PointerPointer<>(options.toArray(new String[0]))) {
            PointerPointer<BytePointer> none = null;
            check(nvrtc.nvrtcCreateProgram(program, text, title, 0, none, none), "nvrtcCreateProgram");
            int status = nvrtc.nvrtcCompileProgram(program, options.size(), line);
            if (status != 0) {
                throw new CudaException("NVRTC does not compile " + name + " with " + options + ":\n" + log(program));
            }
            return code(program);
        } finally {
            nvrtc.nvrtcDestroyProgram(program);
        }
    }

    private static byte[] code(_nvrtcProgram program) {
        try (SizeTPointer size = new SizeTPointer(1)) {
            check(nvrtc.nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize");
            byte[] code = new byte[Math.toIntExact(size.get())];
            check(nvrtc.nvrtcGetCUBIN(program, code), "nvrtcGetCUBIN");
            return code;
        }
    }

    private static String log(_nvrtcProgram program) {
        try (SizeTPointer size = new SizeTPointer(1)) {
            check(nvrtc.nvrtcGetProgramLogSize(program, size), "nvrtcGetProgramLogSize");
            byte[] log = new byte[Math.toIntExact(size.get())];
            check(nvrtc.nvrtcGetProgramLog(program, log), "nvrtcGetProgramLog");
            return Driver.text(log);
        }
    }

    private static void check(int status, String call) {
        if (status != 0) {
            throw new CudaException(
                    call + ": " + nvrtc.nvrtcGetErrorString(status).getString());
        }
    }
}
