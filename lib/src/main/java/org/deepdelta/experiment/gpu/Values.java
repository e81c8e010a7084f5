package org.deepdelta.experiment.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Safetensors;
import org.deepdelta.tensor.Shape;
import org.deepdelta.tensor.Spec;
import org.deepdelta.tensor.Tensor;

/** A folder of expected values, a safetensors file for each part; written where ND4J is, read where it need not be. */
final class Values {
    private final Path folder;
    private final Map<String, Safetensors> files = new LinkedHashMap<>();

    Values(Path folder) {
        this.folder = folder;
    }

    /** Writes a file: numbers in F32, unless they are integers that F32 has not. */
    void write(String file, Map<String, double[]> numbers) throws IOException {
        Device device = Device.reference();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        numbers.forEach((name, values) -> {
            Spec spec = Spec.of(DType.F32, Shape.of(values.length));
            tensors.put(name, device.allocate(spec).set(values));
        });
        Files.createDirectories(folder);
        Safetensors.writeSealed(path(file), tensors, Map.of());
        files.remove(file);
    }

    /**
     * The numbers of that name.
     *
     * @throws IOException if file or name is missing, saying how it is made
     */
    double[] read(String file, String name) throws IOException {
        Safetensors open = files.get(file);
        if (open == null) {
            if (!Files.exists(path(file))) {
                throw new IOException(path(file) + ": not there: expected values that exec:java@gpu -Dmake=" + folder
                        + " makes with the same options, where ND4J is");
            }
            open = Safetensors.open(path(file));
            open.verifySeal();
            files.put(file, open);
        }
        if (!open.has(name)) {
            throw new IOException(path(file) + ": no values of " + name
                    + ": it was made by another version of this program, or with other options; -Dmake makes it anew");
        }
        return open.doubles(name);
    }

    /** Whether there is a file. */
    boolean has(String file) {
        return Files.exists(path(file));
    }

    private Path path(String file) {
        return folder.resolve(file + ".safetensors");
    }
}
