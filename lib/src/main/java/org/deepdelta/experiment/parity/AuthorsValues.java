package org.deepdelta.experiment.parity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deepdelta.tensor.Safetensors;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Values of the authors' implementation that the library carries, so that a notebook can compare itself with them. */
public final class AuthorsValues {
    private static final String DELTA = "delta_d8_dv1_eps0.01";

    /** The guard of {@link #delta}, in units of k~. */
    public static final double DELTA_EPS = 0.01;

    /** Cases with an expanded state of d = 8, dv = 4: both forms of CC, TC with two taps, EC with four. */
    public static final List<String> EXPANDED =
            List.of("compress_cc_d8_dv4", "compress_cc_causal_d8_dv4", "compress_tc_d8_dv4_k2", "expand_ec_d8_dv4_k4");

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
        return read(DELTA);
    }

    /**
     * A compressor or the embedding convolution, computed by the same code: {@code in.x}, {@code in.param.NAME} under the authors' names,
     * the output {@code out.x_in} (of a compressor) or {@code out.X0} (of the convolution), a random {@code upstream.} gradient of it, and
     * {@code grad.x}, {@code grad.param.NAME}. CC has its effective weights besides, {@code aux.w_eff} {@code [d, dv]}.
     *
     * @param name one of {@link #EXPANDED}
     * @return the arrays by name: states {@code [B, T, d, dv]}, embeddings and compressed states {@code [B, T, d]}
     * @throws IOException if the temporary folder cannot be written
     */
    public static Map<String, INDArray> expanded(String name) throws IOException {
        if (!EXPANDED.contains(name)) {
            throw new IllegalArgumentException("the authors' values: expected one of " + EXPANDED + ", got " + name);
        }
        return read(name);
    }

    private static Map<String, INDArray> read(String name) throws IOException {
        Path file = Files.createTempFile(name, ".safetensors");
        try (InputStream in = AuthorsValues.class.getResourceAsStream(name + ".safetensors")) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            Safetensors values = Safetensors.open(file);
            Map<String, INDArray> arrays = new LinkedHashMap<>();
            for (String tensor : values.names()) {
                arrays.put(tensor, values.array(tensor));
            }
            return arrays;
        } finally {
            Files.delete(file);
        }
    }
}
