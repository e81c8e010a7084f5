package org.deepdelta.tensor.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.deepdelta.tensor.Call;
import org.deepdelta.tensor.DType;

/**
 * A {@code .cu} file with the kernels of an operation. It is compiled once a storage type, with {@code T} for {@code float} or {@code bf16}
 * and {@code prelude.cu} put in front.
 */
public final class CudaSource {
    private static final String FOLDER = "META-INF/sources/";

    private final String name;
    private final String text;
    private final Map<String, Signature> kernels;
    private final Map<Object, CudaSource> forms = new ConcurrentHashMap<>();

    private record Constant(String name, int value) {}

    private CudaSource(String name, String text) {
        this.name = name;
        this.text = text;
        this.kernels = Signature.parse(text);
    }

    /** This source compiled with a constant, such as a head width that sizes arrays; each value is a form of its own. */
    public CudaSource with(String constant, int value) {
        return forms.computeIfAbsent(
                new Constant(constant, value),
                key -> new CudaSource(
                        name, "#define " + constant + " " + value + "\n#line 1 \"" + name + "\"\n" + text));
    }

    /** This source with another in front, whose functions it uses. */
    public CudaSource behind(CudaSource other) {
        return forms.computeIfAbsent(
                other, key -> new CudaSource(name, other.text + "\n#line 1 \"" + name + "\"\n" + text));
    }

    /**
     * The file of that name beside a class.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static CudaSource beside(Class<?> type, String file) {
        return new CudaSource(file, resource(type, file));
    }

    /** The text of a file beside a class's source. */
    static String resource(Class<?> type, String file) {
        String path = FOLDER + type.getPackageName().replace('.', '/') + "/" + file;
        try (InputStream in = type.getClassLoader().getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalArgumentException("no CUDA source " + path + " on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs a kernel, asynchronously.
     *
     * @param c the call that it computes for
     * @param storage what {@code T} stands for: F32 or BF16
     * @param kernel its name in the file
     * @param arguments a tensor for a pointer, or null; Long, Integer, Float, Double for numbers; a long[] for a structure of long longs
     * @throws IllegalArgumentException where an argument does not fit the declared parameter
     */
    public void launch(Call c, DType storage, String kernel, Grid grid, Object... arguments) {
        launch(CudaDevice.of(c.device()), storage, kernel, grid, arguments);
    }

    /** The same outside of a tape. */
    public void launch(CudaDevice device, DType storage, String kernel, Grid grid, Object... arguments) {
        Signature signature = kernels.get(kernel);
        if (signature == null) {
            throw new IllegalArgumentException(name + " has no kernel " + kernel + ", it has " + kernels.keySet());
        }
        Signature.Arguments bound = signature.bind(storage, device, arguments);
        if (!grid.empty()) {
            device.launch(new Gpu.Program(name, text, storage), kernel, grid, bound);
        }
    }
}
