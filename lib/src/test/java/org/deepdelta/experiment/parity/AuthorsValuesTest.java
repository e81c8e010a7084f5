package org.deepdelta.experiment.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import org.deepdelta.ops.compress.Compress;
import org.deepdelta.ops.delta.Delta;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

final class AuthorsValuesTest {

    @Test
    void theRewriteIsTheAuthors() throws IOException {
        Map<String, INDArray> authors = AuthorsValues.delta();
        INDArray x = authors.get("in.x");
        assertEquals(DataType.DOUBLE, x.dataType());
        assertArrayEquals(new long[] {2, 5, 8}, x.shape());
        INDArray beta = Transforms.sigmoid(authors.get("in.beta_logit")).mul(2);
        INDArray next = new Delta(AuthorsValues.DELTA_EPS)
                .reference()
                .forward(x, authors.get("in.k_tilde"), authors.get("in.v"), beta)[0];
        assertEquals(0, next.sub(authors.get("out.x_new")).amaxNumber().doubleValue(), 1e-12);
    }

    @Test
    void theCompressorsAreTheAuthors() throws IOException {
        for (String name : AuthorsValues.EXPANDED.subList(0, 2)) {
            Map<String, INDArray> authors = AuthorsValues.expanded(name);
            INDArray weights = authors.get("aux.w_eff").permute(1, 0).dup('c').reshape(1, 4, 8);
            INDArray x = new Compress().reference().forward(authors.get("in.x"), weights)[0];
            assertEquals(0, x.sub(authors.get("out.x_in")).amaxNumber().doubleValue(), 1e-12, name);
        }
        Exception e = assertThrows(IllegalArgumentException.class, () -> AuthorsValues.expanded("compress_cc"));
        assertTrue(e.getMessage().contains("compress_cc_d8_dv4"), e.getMessage());
    }

    @Test
    void everyCaseIsThere() throws IOException {
        for (String name : AuthorsValues.EXPANDED) {
            assertArrayEquals(new long[] {name.contains("_tc_") ? 1 : 2, 8}, new long[] {
                AuthorsValues.expanded(name).get("in.x").size(0),
                AuthorsValues.expanded(name).get("in.x").size(2)
            });
        }
    }
}
