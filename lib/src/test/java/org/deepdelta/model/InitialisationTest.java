package org.deepdelta.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import org.deepdelta.tensor.DType;
import org.deepdelta.tensor.Device;
import org.deepdelta.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How parameters start, against statistics of one initialisation by the authors' code, and how many there are. */
final class InitialisationTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Deviations of a sample's mean or standard deviation that are still chance, in standard errors. */
    private static final double CHANCE = 5;

    @ParameterizedTest
    @ValueSource(strings = {"baseline", "ddl_scalar", "ddl_tc", "ddl_tc_ec", "ddl_cc", "ddl_cc_ec"})
    void startsAsTheAuthorsModelsDo(String variant) throws IOException {
        JsonNode authors;
        try (InputStream in = InitialisationTest.class.getResourceAsStream("/parity/init_stats.json")) {
            authors = JSON.readTree(in).path("variants").path(variant);
        }
        AuthorsConfig config = AuthorsConfig.read(variant, authors.path("config"));
        Gpt gpt = new Gpt(config.gpt(), config.residual(), Device.cpu(), DType.F32, 1);
        Map<String, Tensor> ours = gpt.parameters().named();
        TreeSet<String> names = new TreeSet<>();
        authors.path("parameters").fieldNames().forEachRemaining(names::add);
        names.remove("lm_head.weight");
        assertEquals(names, new TreeSet<>(ours.keySet()));
        assertEquals(authors.path("total_parameters").asLong(), gpt.parameters().count());
        ours.forEach((name, tensor) ->
                compare(variant + ": " + name, authors.path("parameters").path(name), tensor));
    }

    private static void compare(String what, JsonNode theirs, Tensor tensor) {
        double[] values = tensor.toDoubles();
        double n = values.length;
        double mean = Arrays.stream(values).average().orElseThrow();
        double variance = Arrays.stream(values)
                .map(x -> (x - mean) * (x - mean))
                .average()
                .orElseThrow();
        double std = Math.sqrt(variance);
        double theirStd = theirs.path("std").asDouble();
        assertEquals(
                theirs.path("shape").toString(),
                JSON.valueToTree(tensor.shape().toArray()).toString(),
                what);
        if (n == 1 && what.endsWith("v_proj.bias")) { // one draw: only its range can be compared
            assertTrue(Math.abs(mean) <= 1 / Math.sqrt(128), what + ": " + mean);
            return;
        }
        if (theirStd == 0 || what.contains("input_embed")) {
            assertEquals(theirs.path("mean").asDouble(), mean, 1e-6, what + ": mean");
            assertEquals(theirStd, std, 1e-6, what + ": standard deviation");
            return;
        }
        double spread = Math.max(std, theirStd);
        double meanError = CHANCE * spread * Math.sqrt(2 / n) + 1e-6;
        double stdError = CHANCE * spread / Math.sqrt(n) + 1e-6;
        assertTrue(
                Math.abs(mean - theirs.path("mean").asDouble()) <= meanError,
                what + ": mean " + mean + ", theirs " + theirs.path("mean"));
        assertTrue(
                n < 3 || Math.abs(std - theirStd) <= stdError,
                what + ": standard deviation " + std + ", theirs " + theirStd);
        double reach = theirs.path("max").asDouble() - theirs.path("min").asDouble();
        double ourReach = Arrays.stream(values).max().orElseThrow()
                - Arrays.stream(values).min().orElseThrow();
        assertTrue(
                n < 100 || Math.abs(reach - ourReach) <= 0.35 * reach,
                what + ": range " + ourReach + ", theirs " + reach);
    }

    @ParameterizedTest
    @CsvSource({
        "baseline,123590400",
        "ddl_scalar,123627312",
        "ddl_tc,123842476",
        "ddl_tc_ec,123854764",
        "ddl_cc,123722668",
        "ddl_cc_ec,123734956"
    })
    void countsOfThePapersSmallModels(String variant, long expected) {
        AuthorsConfig config = AuthorsConfig.read(variant, JSON.createObjectNode());
        assertEquals(expected, Gpt.count(config.gpt(), config.residual()));
    }
}
