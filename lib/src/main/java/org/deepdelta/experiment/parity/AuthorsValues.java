package org.deepdelta.experiment.parity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deepdelta.tensor.Safetensors;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Values of the authors' implementation that the library carries, so that a notebook can compare itself with them. */
public final class AuthorsValues {
    private static final String DELTA = "delta_d8_dv1_eps0.01";

    /** The guard of {@link #delta}, in units of k~. */
    public static final double DELTA_EPS = 0.01;

    private AuthorsValues() {}

    /**
     * The delta rewrite with dv = 1, d = 8 and eps = {@value #DELTA_EPS} on 2 x 5 tokens, computed by the authors' PyTorch code (commit
     * 2b55f25) in double precision: inputs {@code in.x}, {@code in.k_tilde}, {@code in.v}, {@code in.beta_logit}, output
     * {@code out.x_new}, a random gradient {@code upstream.x_new} that arrives there, and the gradients {@code grad.x},
     * {@code grad.k_tilde}, {@code grad.v}, {@code grad.beta}, {@code grad.beta_logit}.
     *
     * @return the arrays by name, {@code [2, 5, 8]} or {@code [2, 5, 1]}
     * @throws IOException if the temporary folder cannot be written
     */
    public static Map<String, INDArray> delta() throws IOException {
        Path file = Files.createTempFile(DELTA, ".safetensors");
        try (InputStream in = AuthorsValues.class.getResourceAsStream(DELTA + ".safetensors")) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            Safetensors values = Safetensors.open(file);
            Map<String, INDArray> arrays = new LinkedHashMap<>();
            for (String name : values.names()) {
                arrays.put(name, values.array(name));
            }
            return arrays;
        } finally {
            Files.delete(file);
        }
    }
}
